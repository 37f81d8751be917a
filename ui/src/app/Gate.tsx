import { Button, Loader } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { type ApiFailure, asFailure } from "@/api/error";
import { Problem } from "@/components/Problem";
import type { Connection, Host } from "@/host/host";
import { type Controller, openController } from "@/store/controller";
import { ControllerContext } from "@/store/hooks";
import { text } from "@/text";
import { Frame } from "./Frame";
import classes from "./Gate.module.css";
import { Login } from "./Login";

type State =
  | { at: "connecting" }
  | { at: "login"; refused: boolean }
  | { at: "failed"; failure: ApiFailure }
  | { at: "open"; connection: Connection };

/** The way in: asks the host for the controller, and the user for a token where there is none. */
export function Gate({ host }: { host: Host }) {
  const [state, setState] = useState<State>({ at: "connecting" });
  const connect = useCallback(() => {
    setState({ at: "connecting" });
    host.connection().then(
      (connection) => setState(connection ? { at: "open", connection } : { at: "login", refused: false }),
      (error) => setState({ at: "failed", failure: asFailure(error) }),
    );
  }, [host]);
  useEffect(connect, [connect]);
  const refused = useCallback(() => {
    host.forget();
    setState({ at: "login", refused: true });
  }, [host]);

  switch (state.at) {
    case "connecting":
      return (
        <div className={classes.center}>
          <Loader aria-label={text.common.loading} />
        </div>
      );
    case "login":
      return (
        <Login
          refused={state.refused}
          onToken={(token) => {
            host.remember(token);
            connect();
          }}
        />
      );
    case "failed":
      return (
        <main className={classes.center}>
          <h1 className={classes.title}>{text.common.product}</h1>
          <Problem
            tone="bad"
            title={text.frame.window.failed}
            actions={<Button onClick={connect}>{text.common.retry}</Button>}
            announce
          >
            {state.failure.message} {text.frame.window.hint}
          </Problem>
        </main>
      );
    case "open":
      return <Connected connection={state.connection} onRefused={refused} />;
  }
}

/** Keeps one controller open for as long as it is on the screen. */
function Connected({ connection, onRefused }: { connection: Connection; onRefused: () => void }) {
  const [controller, setController] = useState<Controller | null>(null);
  useEffect(() => {
    const opened = openController(connection);
    const unsubscribe = opened.live.subscribe(() => {
      if (opened.live.snapshot().link === "refused") onRefused();
    });
    setController(opened);
    return () => {
      unsubscribe();
      opened.close();
    };
  }, [connection, onRefused]);
  if (!controller) return null;
  return (
    <ControllerContext value={controller}>
      <Frame />
    </ControllerContext>
  );
}
