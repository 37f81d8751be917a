import type { ReactNode } from "react";
import { useMayChange } from "@/store/hooks";

/** What changes something: not for who was let in to look. The controller refuses it, too. */
export function MayChange({ children, otherwise = null }: { children: ReactNode; otherwise?: ReactNode }) {
  return useMayChange() ? children : otherwise;
}
