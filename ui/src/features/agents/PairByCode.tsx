import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useRef, useState } from "react";
import { asFailure } from "@/api/error";
import type { Agent } from "@/api/types";
import { Name } from "@/components/Name";
import { codeOf } from "@/model/agent";
import { text } from "@/text";
import { usePair } from "./actions";
import classes from "./PendingAgents.module.css";

const t = text.agents.pending;

/** The field for the code that an agent shows, with what went wrong right below it. */
export function PairByCode({ agent, ignore }: { agent: Agent; ignore: ReactNode }) {
  const [typed, setTyped] = useState("");
  const field = useRef<HTMLInputElement>(null);
  const pair = usePair();
  const code = codeOf(typed);
  const failure = pair.error && asFailure(pair.error);
  return (
    <form
      className={classes.pairing}
      aria-label={t.pairOne(agent.name)}
      onSubmit={(event) => {
        event.preventDefault();
        if (!code || pair.isPending) return;
        // After a wrong one the next is typed over it.
        pair.mutate({ agent, code }, { onError: () => field.current?.select() });
      }}
    >
      <TextInput
        ref={field}
        label={t.code}
        description={t.codeHint}
        placeholder={t.codePlaceholder}
        inputMode="numeric"
        autoComplete="off"
        spellCheck={false}
        maxLength={24}
        classNames={{ input: classes.code, wrapper: classes.field }}
        inputContainer={(input) => (
          <div className={classes.entry}>
            {input}
            <Button type="submit" loading={pair.isPending} disabled={!code}>
              {t.pair}
            </Button>
            {ignore}
          </div>
        )}
        inputWrapperOrder={["label", "description", "input", "error"]}
        error={
          failure && (
            <>
              <Name>{failure.message}</Name> {failure.hint && <Name>{failure.hint}</Name>}
            </>
          )
        }
        errorProps={{ role: "alert" }}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          if (pair.error) pair.reset();
        }}
      />
    </form>
  );
}
