import { useEffect, useRef } from "react";
import { useNavigate } from "react-router";
import { type Command, runCommand } from "@/components/keys";

const PLACES: Record<string, string> = {
  a: "/agents",
  t: "/tests",
  r: "/run",
  h: "/runs",
  s: "/settings",
};
const COMMANDS: Record<string, Command> = { "/": "filter", n: "note", p: "pause", Escape: "back" };
/** How long the second key of `g a` may take, ms. */
const SEQUENCE_MS = 1_200;

/** The keys that work on every screen. Letters count only outside of fields and dialogs. */
export function useGlobalKeys(onHelp: () => void): void {
  const navigate = useNavigate();
  const help = useRef(onHelp);
  help.current = onHelp;
  useEffect(() => {
    let goUntil = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (event.ctrlKey || event.metaKey) {
        // Stop works over an open dialog too: it asks first.
        const command = event.key === "." ? "stop" : event.key === "Enter" && !inDialog() ? "start" : null;
        if (command && runCommand(command)) event.preventDefault();
        return;
      }
      if (event.altKey || inDialog() || inField(event.target)) return;
      const place = performance.now() < goUntil ? PLACES[event.key] : undefined;
      goUntil = event.key === "g" ? performance.now() + SEQUENCE_MS : 0;
      if (place) navigate(place);
      else if (event.key === "?") help.current();
      else {
        const command = COMMANDS[event.key];
        if (!command || !runCommand(command)) return;
      }
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [navigate]);
}

function inField(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

const inDialog = () => document.querySelector("[role=dialog]") !== null;
