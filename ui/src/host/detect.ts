import { browserHost } from "./browser";
import type { Host } from "./host";

declare global {
  interface Window {
    /** Put there by Tauri before any script of the page runs. */
    __TAURI_INTERNALS__?: unknown;
  }
}

export async function detectHost(): Promise<Host> {
  if (window.__TAURI_INTERNALS__ === undefined) return browserHost();
  const { tauriHost } = await import("./tauri");
  return tauriHost();
}
