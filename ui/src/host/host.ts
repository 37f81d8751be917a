/** Where the controller answers and what lets us in. */
export interface Connection {
  /** Origin without a trailing slash, or empty for the page's own origin. */
  url: string;
  /** The API's token; null where a cookie lets this browser in, or nothing. */
  token: string | null;
}

/** What differs between the desktop window and a browser tab. */
export interface Host {
  kind: "window" | "browser";
  connection(): Promise<Connection>;
  /** The code of a login link that this page was opened by, once. */
  takeCode(): string | null;
  /** Takes a token, a login link or its code that the user typed. A token is kept for as long as this tab lives. */
  show(given: string): void;
  /** Drops a token that was refused. */
  forget(): void;
}
