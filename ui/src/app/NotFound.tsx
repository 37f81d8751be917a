import { IconMapOff } from "@tabler/icons-react";
import { Link } from "react-router";
import { Empty } from "@/components/layout";
import { text } from "@/text";

export function NotFound() {
  return (
    <Empty icon={<IconMapOff size={32} stroke={1.5} />} title={text.frame.notFound.title}>
      <Link to="/agents">{text.frame.notFound.back}</Link>
    </Empty>
  );
}
