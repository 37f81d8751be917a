import { useRef } from "react";

/** The value as it is, or as it was when it began to be kept. */
export function useKept<T>(value: T, kept: boolean): T {
  const last = useRef(value);
  if (!kept) last.current = value;
  return last.current;
}
