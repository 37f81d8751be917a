import { invoke } from "@tauri-apps/api/core";
import type { Connection, Host } from "./host";

/** The desktop window: the app tells where its own controller answers. */
export function tauriHost(): Host {
  return {
    kind: "window",
    async connection(): Promise<Connection> {
      const { url, token } = await invoke<{ url: string; token: string }>("connection");
      return { url: url.replace(/\/+$/, ""), token, session: null };
    },
    code: () => null,
    codeUsed: () => {},
    show: () => {},
    keep: () => {},
    forget: () => {},
  };
}
