import { Channel, invoke } from "@tauri-apps/api/core";
import type { Connection, Desktop, FolderProgress, Host, SentFolder } from "./host";

/** The desktop window: the app tells where its own controller answers. */
export function tauriHost(): Host {
  return {
    kind: "window",
    desktop,
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

const desktop: Desktop = {
  openLogFolder: () => void invoke("open_log_folder"),
  async sendFolder(again, onProgress) {
    const progress = new Channel<FolderProgress>(onProgress);
    try {
      return await invoke<SentFolder | null>("send_folder", { again, progress });
    } catch (error) {
      // The app's errors are texts.
      throw error instanceof Error ? error : new Error(String(error));
    }
  },
  stopFolder: () => void invoke("stop_folder"),
};
