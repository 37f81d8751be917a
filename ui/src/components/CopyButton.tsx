import { Button, type ButtonProps } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import { copyText } from "@/host/clipboard";
import { text } from "@/text";
import { notifyProblem } from "./notify";

interface Props extends ButtonProps {
  /** The text, or what makes it. */
  value: string | (() => string);
  label?: string;
}

/** Copies a text, and says so for two seconds. */
export function CopyButton({ value, label = text.common.copy, ...button }: Props) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    if (await copyText(typeof value === "string" ? value : value())) setCopied(true);
    else notifyProblem(text.common.copyFailed);
  };
  const Glyph = copied ? IconCheck : IconCopy;
  return (
    <Button variant="default" leftSection={<Glyph size={14} aria-hidden />} onClick={copy} {...button}>
      <span aria-live="polite">{copied ? text.common.copied : label}</span>
    </Button>
  );
}
