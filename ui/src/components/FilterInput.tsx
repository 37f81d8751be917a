import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useRef } from "react";
import { text } from "@/text";
import { useCommand } from "./keys";

/** A filter for the list below it; `/` puts the cursor into it, Escape empties it. */
export function FilterInput({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const input = useRef<HTMLInputElement>(null);
  useCommand("filter", () => input.current?.focus());
  return (
    <TextInput
      ref={input}
      size="xs"
      w={220}
      type="search"
      aria-label={text.common.filter}
      placeholder={`${text.common.filter}  /`}
      leftSection={<IconSearch size={14} aria-hidden />}
      rightSection={
        value && <CloseButton size="xs" aria-label={text.common.close} onClick={() => onChange("")} />
      }
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        onChange("");
        event.currentTarget.blur();
      }}
    />
  );
}
