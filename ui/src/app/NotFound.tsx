import { IconEye, IconMapOff } from "@tabler/icons-react";
import { Link } from "react-router";
import { Empty } from "@/components/layout";
import { text } from "@/text";

/** Where only who may change something has anything to do. */
export function ReadOnly() {
  return (
    <Empty icon={<IconEye size={32} stroke={1.5} />} title={text.settings.readOnly}>
      <Link to="/runs">{text.frame.notFound.runs}</Link>
    </Empty>
  );
}

export function NotFound() {
  return (
    <Empty icon={<IconMapOff size={32} stroke={1.5} />} title={text.frame.notFound.title}>
      <Link to="/agents">{text.frame.notFound.back}</Link>
    </Empty>
  );
}
