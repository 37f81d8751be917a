import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { Problem } from "@/components/Problem";
import type { Closed } from "@/store/entrance";
import { text } from "@/text";
import classes from "./Gate.module.css";

const t = text.frame.login;

/** Asks for a login link or the API's token, and says where they are printed. */
export function Login({ closed, onGiven }: { closed: Closed; onGiven: (given: string) => void }) {
  const [given, setGiven] = useState("");
  return (
    <main className={classes.center}>
      <form
        className={classes.card}
        onSubmit={(event) => {
          event.preventDefault();
          if (given.trim()) onGiven(given.trim());
        }}
      >
        <div className={classes.brand}>
          <img src="./icon.svg" alt="" width="28" height="28" />
          <h1 className={classes.title}>{t.title}</h1>
        </div>
        {closed !== "unknown" && (
          <Problem tone="bad" title={t.refused[closed]} announce>
            {t.refusedHint[closed]}
          </Problem>
        )}
        <p>{t.intro}</p>
        <PasswordInput
          label={t.label}
          autoComplete="off"
          data-autofocus
          value={given}
          onChange={(event) => setGiven(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" disabled={!given.trim()}>
          {t.open}
        </Button>
        <p className={classes.hint}>{t.where}</p>
      </form>
    </main>
  );
}
