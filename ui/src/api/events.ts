import { type ApiFailure, asFailure } from "./error";
import { EventStreamDecoder } from "./sse";
import type { LiveEvent } from "./types";

/** How the stream stands. */
export type LinkStatus = "connecting" | "live" | "lost" | "refused";

export interface EventFeedOptions {
  /** Opens the stream; its response's body is read to the end. */
  open: (signal: AbortSignal) => Promise<Response>;
  onEvent: (event: LiveEvent) => void;
  onStatus: (status: LinkStatus, failure: ApiFailure | null) => void;
  /** Anything was heard, a keep-alive comment included. */
  onHeard: () => void;
}

/** The controller says something every 5 s; after this long without, the connection is dead. */
export const SILENCE_MS = 8_000;
const BACKOFF_MS = [500, 1_000, 2_000, 4_000];

/** Follows the controller's events for ever: reads, notices silence, comes back. */
export class EventFeed {
  readonly #options: EventFeedOptions;
  #stopped = false;
  #abort = new AbortController();
  #wake: (() => void) | null = null;
  #failures = 0;

  constructor(options: EventFeedOptions) {
    this.#options = options;
  }

  /** Runs until `stop`, or until the token is refused. */
  async run(): Promise<void> {
    this.#options.onStatus("connecting", null);
    while (!this.#stopped) {
      const failure = await this.#follow();
      if (this.#stopped) return;
      if (failure?.unauthorized) {
        this.#options.onStatus("refused", failure);
        return;
      }
      this.#options.onStatus("lost", failure);
      await this.#pause();
    }
  }

  stop(): void {
    this.#stopped = true;
    this.#abort.abort();
    this.#wake?.();
  }

  /** Tries again now, e.g. when the machine is back online. */
  retryNow(): void {
    this.#wake?.();
  }

  /** One connection, from its opening to its end. */
  async #follow(): Promise<ApiFailure | null> {
    const abort = new AbortController();
    this.#abort = abort;
    let silence = setTimeout(() => abort.abort(), SILENCE_MS);
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => abort.abort(), SILENCE_MS);
      this.#options.onHeard();
    };
    try {
      const response = await this.#options.open(abort.signal);
      if (!response.body) return null;
      const decoder = new EventStreamDecoder();
      const reader = response.body.getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done || abort.signal.aborted) return null;
        heard();
        for (const message of decoder.push(value)) this.#deliver(message.data);
      }
    } catch (error) {
      return abort.signal.aborted ? null : asFailure(error);
    } finally {
      clearTimeout(silence);
      abort.abort();
    }
  }

  #deliver(data: string): void {
    const event = parse(data);
    if (!event) return;
    if (event.type === "snapshot") {
      this.#failures = 0;
      this.#options.onStatus("live", null);
    }
    this.#options.onEvent(event);
  }

  #pause(): Promise<void> {
    const base = BACKOFF_MS[Math.min(this.#failures, BACKOFF_MS.length - 1)] ?? 4_000;
    this.#failures += 1;
    // Jitter: many tabs must not come back in the same instant.
    const delay = base * (0.75 + Math.random() / 2);
    return new Promise((resolve) => {
      const timer = setTimeout(done, delay);
      const wake = done.bind(null);
      this.#wake = wake;
      function done() {
        clearTimeout(timer);
        resolve();
      }
    });
  }
}

/** An event, or null for one of a newer controller's that is not even JSON. */
function parse(data: string): LiveEvent | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && "type" in value ? (value as LiveEvent) : null;
  } catch {
    return null;
  }
}
