/** Where the controller answers and what lets us in. */
export interface Connection {
  /** Origin without a trailing slash, or empty for the page's own origin. */
  url: string;
  /** The API's token; null where a session lets this browser in, or nothing. */
  token: string | null;
  /** The half of a session's secret that only this page can read; the cookie is the other. */
  session: string | null;
}

/** What differs between the desktop window and a browser tab. */
export interface Host {
  kind: "window" | "browser";
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
