// What made-up agents print. A position is a line's number here; who asks need not know.
import type { IncomingMessage } from "node:http";
import type { AgentOutput, Printer } from "@/api/types";

export class Outputs {
  #lines = new Map<string, string[]>();
  #ended = false;
  #waiting = new Set<() => void>();

  /** An agent, by its index, prints lines. */
  print(index: number, printer: Printer, lines: readonly string[]): void {
    const key = `${index} ${printer}`;
    this.#lines.set(key, [...(this.#lines.get(key) ?? []), ...lines]);
    this.#wake();
  }

  /** Nothing more is printed. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Answers `…/runs/{id}/agents/{index}/output`; null if the route is another. */
  async answer(route: string, query: URLSearchParams, request: IncomingMessage): Promise<AgentOutput | null> {
    const [, index] = /^\/runs\/[^/]+\/agents\/(\d+)\/output$/.exec(route) ?? [];
    if (index === undefined) return null;
    const all = () => this.#lines.get(`${index} ${query.get("what")}`) ?? [];
    const last = query.get("last");
    const from = last === null ? Number(query.get("from")) : Math.max(0, all().length - Number(last));
    if (all().length <= from && !this.#ended) await this.#news(Number(query.get("wait_s")) * 1_000, request);
    const end = all().length;
    return { from, lines: all().slice(from), next: end, skipped: 0, ended: this.#ended, end };
  }

  #news(ms: number, request: IncomingMessage): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#waiting.add(done);
      request.socket.once("close", done);
    });
  }

  #wake(): void {
    for (const done of this.#waiting) done();
  }
}
