import { Button, Loader } from "@mantine/core";
import { useCallback, useEffect, useState } from "react";
import { type ApiFailure, asFailure } from "@/api/error";
import { Problem } from "@/components/Problem";
import type { Host } from "@/host/host";
import { type Controller, openController } from "@/store/controller";
import { type Closed, type Entrance, enter } from "@/store/entrance";
import { ControllerContext } from "@/store/hooks";
import { text } from "@/text";
import { Frame } from "./Frame";
import classes from "./Gate.module.css";
import { Login } from "./Login";

type State =
  | { at: "connecting" }
  | { at: "login"; closed: Closed }
  | { at: "failed"; failure: ApiFailure }
  | { at: "open"; entrance: Open };

type Open = Extract<Entrance, { connection: unknown }>;

/** The way in: asks the controller to let us in, and the user for a link or a token where it does not. */
export function Gate({ host }: { host: Host }) {
  const [state, setState] = useState<State>({ at: "connecting" });
  const connect = useCallback(() => {
    setState({ at: "connecting" });
    enter(host).then(
      (entrance) =>
        setState("closed" in entrance ? { at: "login", closed: entrance.closed } : { at: "open", entrance }),
      (error) => setState({ at: "failed", failure: asFailure(error) }),
    );
  }, [host]);
  useEffect(connect, [connect]);
  // The controller says why, if it is asked anew.
  const refused = connect;

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
          closed={state.closed}
          onGiven={(given) => {
            host.show(given);
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
            title={text.frame[host.kind].failed}
            actions={<Button onClick={connect}>{text.common.retry}</Button>}
            announce
          >
            {state.failure.message} {text.frame[host.kind].hint}
          </Problem>
        </main>
      );
    case "open":
      return <Connected entrance={state.entrance} onRefused={refused} />;
  }
}

/** Keeps one controller open for as long as it is on the screen. */
function Connected({ entrance, onRefused }: { entrance: Open; onRefused: () => void }) {
  const [controller, setController] = useState<Controller | null>(null);
  useEffect(() => {
    const opened = openController(entrance.connection, entrance.caller);
    const unsubscribe = opened.live.subscribe(() => {
      if (opened.live.snapshot().link === "refused") onRefused();
    });
    setController(opened);
    return () => {
      unsubscribe();
      opened.close();
    };
  }, [entrance, onRefused]);
  if (!controller) return null;
  return (
    <ControllerContext value={controller}>
      <Frame />
    </ControllerContext>
  );
}
