import { Button, PasswordInput } from "@mantine/core";
import { useState } from "react";
import { Problem } from "@/components/Problem";
import { text } from "@/text";
import classes from "./Gate.module.css";

const t = text.frame.login;

/** Asks for the API token, and says where it is printed. */
export function Login({ refused, onToken }: { refused: boolean; onToken: (token: string) => void }) {
  const [token, setToken] = useState("");
  return (
    <main className={classes.center}>
      <form
        className={classes.card}
        onSubmit={(event) => {
          event.preventDefault();
          if (token.trim()) onToken(token.trim());
        }}
      >
        <div className={classes.brand}>
          <img src="./icon.svg" alt="" width="28" height="28" />
          <h1 className={classes.title}>{t.title}</h1>
        </div>
        {refused && (
          <Problem tone="bad" title={t.refused} announce>
            {t.refusedHint}
          </Problem>
        )}
        <p>{t.intro}</p>
        <PasswordInput
          label={t.label}
          autoComplete="off"
          data-autofocus
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
        />
        <Button type="submit" size="sm" disabled={!token.trim()}>
          {t.open}
        </Button>
        <p className={classes.hint}>{t.where}</p>
      </form>
    </main>
  );
}
