/** Where the controller answers and what lets us in. */
export interface Connection {
  /** Origin without a trailing slash, or empty for the page's own origin. */
  url: string;
  token: string;
}

/** What differs between the desktop window and a browser tab. */
export interface Host {
  kind: "window" | "browser";
  /** The controller, or null if the user has to give a token first. */
  connection(): Promise<Connection | null>;
  /** Keeps a token the user typed for as long as this tab lives. */
  remember(token: string): void;
  /** Drops a token that was refused. */
  forget(): void;
}
