import { useEffect, useRef } from "react";

/** What a key can ask of whichever screen is shown. */
export type Command = "start" | "stop" | "filter" | "note" | "pause" | "back";

const handlers = new Map<Command, () => void>();

/** Runs a command on the screen that offers it; false if none does. */
export function runCommand(command: Command): boolean {
  const handler = handlers.get(command);
  handler?.();
  return handler !== undefined;
}

/** Offers a command for as long as the component is there; the newest one wins. */
export function useCommand(command: Command, handler: (() => void) | null): void {
  const latest = useRef(handler);
  latest.current = handler;
  const offered = handler !== null;
  useEffect(() => {
    if (!offered) return;
    const call = () => latest.current?.();
    const before = handlers.get(command);
    handlers.set(command, call);
    return () => {
      if (handlers.get(command) !== call) return;
      if (before) handlers.set(command, before);
      else handlers.delete(command);
    };
  }, [command, offered]);
}
