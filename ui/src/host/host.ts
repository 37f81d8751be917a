/** Where the controller answers and what lets us in. */
export interface Connection {
  /** Origin without a trailing slash, or empty for the page's own origin. */
  url: string;
  token: string;
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
  /** The controller, or null if the user has to give a token first. */
  connection(): Promise<Connection | null>;
  /** Keeps a token the user typed for as long as this tab lives. */
  remember(token: string): void;
  /** Drops a token that was refused. */
  forget(): void;
}
