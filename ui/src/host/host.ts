/** Where the controller answers and what lets us in. */
export interface Connection {
  /** Origin without a trailing slash, or empty for the page's own origin. */
  url: string;
  /** The API's token; null where a session lets this browser in, or nothing. */
  token: string | null;
  /** The half of a session's secret that only this page can read; the cookie is the other. */
  session: string | null;
}

/** A folder as it was sent to the controller: a run names it so. */
export interface SentFolder {
  snapshot: { id: string; name: string; base_commit?: string; dirty: boolean };
  files: number;
  bytes: number;
  /** Bytes that the controller did not have. */
  sent: number;
  /** Whether git says which files are sent. */
  git: boolean;
  /** Whether its parent POM lies above it, and is not sent. */
  parent_above: boolean;
}

/** How far a folder is. */
export type FolderProgress =
  | { doing: "reading"; bytes: number }
  | { doing: "sending"; bytes: number; all: number };

/** What only the app can do. It does each of these by itself: the page names no file and no folder. */
export interface Desktop {
  openLogFolder(): void;
  /**
   * Lets the user choose a folder, or takes the one chosen last (`again`), and sends it to the
   * controller. Null where none was chosen; rejects with an Error in words for the user.
   */
  sendFolder(again: boolean, onProgress: (progress: FolderProgress) => void): Promise<SentFolder | null>;
  stopFolder(): void;
}

/** What differs between the desktop window and a browser tab. */
export interface Host {
  kind: "window" | "browser";
  /** Null in a browser. */
  desktop: Desktop | null;
  connection(): Promise<Connection>;
  /** The code of a login link that this page was opened by, until it was used. */
  code(): string | null;
  codeUsed(): void;
  /** Takes a token, a login link or its code that the user typed. A token is kept for as long as this tab lives. */
  show(given: string): void;
  /** Keeps the key of a session that a login link began. */
  keep(session: string): void;
  /** Drops a token or a session that was refused. */
  forget(): void;
}
