/** One message of an event stream. */
export interface StreamMessage {
  id: string;
  data: string;
}

/** Incremental decoder of `text/event-stream`: any chunking gives the same messages. */
export class EventStreamDecoder {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #id = "";
  #data: string[] = [];

  push(chunk: Uint8Array): StreamMessage[] {
    this.#rest += this.#decoder.decode(chunk, { stream: true });
    const messages: StreamMessage[] = [];
    // A CR at the very end may be the first half of CRLF: it waits for the next chunk.
    const lines = /([^\r\n]*)(\r\n|\n|\r(?!$))/g;
    let consumed = 0;
    for (let match = lines.exec(this.#rest); match; match = lines.exec(this.#rest)) {
      consumed = lines.lastIndex;
      const message = this.#line(match[1] ?? "");
      if (message) messages.push(message);
    }
    this.#rest = this.#rest.slice(consumed);
    return messages;
  }

  #line(line: string): StreamMessage | null {
    if (line === "") {
      const data = this.#data;
      this.#data = [];
      return data.length > 0 ? { id: this.#id, data: data.join("\n") } : null;
    }
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") this.#data.push(value);
    else if (field === "id") this.#id = value;
    return null;
  }
}
