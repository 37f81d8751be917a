import { createContext, useCallback, useContext, useRef, useSyncExternalStore } from "react";
import type { ApiClient } from "@/api/client";
import type { Desktop } from "@/host/host";
import type { Controller } from "./controller";
import type { LiveState, LiveStore } from "./live";

export const ControllerContext = createContext<Controller | null>(null);

export const DesktopContext = createContext<Desktop | null>(null);

/** What only the app can do; null in a browser. */
export const useDesktop = (): Desktop | null => useContext(DesktopContext);

function useController(): Controller {
  const controller = useContext(ControllerContext);
  if (!controller) throw new Error("a screen stands outside ControllerContext");
  return controller;
}

export const useApi = (): ApiClient => useController().api;
/** Whether the user may change anything, or only look. */
export const useMayChange = (): boolean => useController().caller.rights === "all";
/** Whether a login link let this browser in, so that it can be logged out. */
export const useSession = (): boolean => useController().caller.session;
export const useLiveStore = (): LiveStore => useController().live;

/** A part of the live state; re-renders only when that part is another value, or another list of the same values. */
export function useLive<T>(select: (state: LiveState) => T): T {
  const { live } = useController();
  const last = useRef<{ value: T } | null>(null);
  const read = useCallback(() => {
    const value = select(live.snapshot());
    if (!last.current || !sameValue(last.current.value, value)) last.current = { value };
    return last.current.value;
  }, [live, select]);
  return useSyncExternalStore(live.subscribe, read);
}

function sameValue(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((value, index) => Object.is(value, b[index]));
  }
  return Object.is(a, b);
}
