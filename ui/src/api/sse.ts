/** One message of an event stream. */
export interface StreamMessage {
  id: string;
  data: string;
}

/** Incremental decoder of `text/event-stream`: any chunking gives the same messages, and each byte is looked at once. */
export class EventStreamDecoder {
  readonly #decoder = new TextDecoder();
  /** The beginning of a line whose end has not come yet. */
  #partial = "";
  /** The last chunk ended in CR: an LF that comes first now belongs to it. */
  #afterCr = false;
  #id = "";
  #data: string[] = [];

  push(chunk: Uint8Array): StreamMessage[] {
    const text = this.#decoder.decode(chunk, { stream: true });
    if (text === "") return [];
    const messages: StreamMessage[] = [];
    let at = this.#afterCr && text.startsWith("\n") ? 1 : 0;
    const breaks = /\r\n?|\n/g;
    breaks.lastIndex = at;
    for (let found = breaks.exec(text); found; found = breaks.exec(text)) {
      const message = this.#line(this.#partial + text.slice(at, found.index));
      if (message) messages.push(message);
      this.#partial = "";
      at = breaks.lastIndex;
    }
    this.#partial += text.slice(at);
    this.#afterCr = text.endsWith("\r");
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
