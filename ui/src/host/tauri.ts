import { invoke } from "@tauri-apps/api/core";
import type { Connection, Host } from "./host";

/** The desktop window: the app tells where its own controller answers. */
export function tauriHost(): Host {
  return {
    kind: "window",
    async connection(): Promise<Connection | null> {
      const { url, token } = await invoke<Connection>("connection");
      return { url: url.replace(/\/+$/, ""), token };
    },
    remember: () => {},
    forget: () => {},
  };
}
