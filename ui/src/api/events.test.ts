import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { info } from "@/testing/fixtures";
import { ApiFailure, failureOf } from "./error";
import { EventFeed, type LinkStatus, SILENCE_MS } from "./events";
import { EventStreamDecoder, type StreamMessage } from "./sse";

const bytes = (text: string) => new TextEncoder().encode(text);
const STREAM =
  ': alive\n\nid: 1\ndata: {"a":"ü🚀"}\n\nid: 2\r\ndata: x\r\ndata: y\r\n\r\nevent: z\rdata\r\rretry: 3\ndata:  two\n\n';
const MESSAGES: StreamMessage[] = [
  { id: "1", data: '{"a":"ü🚀"}' },
  { id: "2", data: "x\ny" },
  { id: "2", data: "" },
  { id: "2", data: " two" },
];

test.each([1, 2, 3, 5, 7, 1_000])("chunks of %i bytes give the same messages", (size) => {
  const decoder = new EventStreamDecoder();
  const all = bytes(STREAM);
  const messages: StreamMessage[] = [];
  for (let at = 0; at < all.length; at += size) messages.push(...decoder.push(all.subarray(at, at + size)));
  expect(messages).toEqual(MESSAGES);
});

test("a snapshot of megabytes arrives whole, in chunks of any size", () => {
  // Looking for the end of a line from its start again with each chunk once took seconds for this.
  const long = "x".repeat(8 << 20);
  const all = bytes(`id: 9\ndata: ${long}\n\n`);
  const decoder = new EventStreamDecoder();
  const messages: StreamMessage[] = [];
  for (let at = 0; at < all.length; at += 16_384)
    messages.push(...decoder.push(all.subarray(at, at + 16_384)));
  expect(messages).toHaveLength(1);
  expect(messages[0]?.data === long).toBe(true);
});

test("what is not finished is not delivered", () => {
  expect(new EventStreamDecoder().push(bytes("id: 1\ndata: {}\n"))).toEqual([]);
});

const snapshot = `id: 1\ndata: ${JSON.stringify({ type: "snapshot", info, agents: [], runs: [], ticks: {}, local_agent: { state: "off" } })}\n\n`;

/** A stream that is written by hand; an abort breaks it, as with fetch. */
function wire() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (started) => {
      controller = started;
    },
  });
  return {
    open: (signal: AbortSignal) => {
      signal.addEventListener("abort", () => {
        try {
          controller?.error(new DOMException("aborted", "AbortError"));
        } catch {
          // It has ended by itself.
        }
      });
      return Promise.resolve({ body } as Response);
    },
    write: (text: string) => controller?.enqueue(bytes(text)),
    end: () => controller?.close(),
  };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function follow(open: (signal: AbortSignal) => Promise<Response>) {
  const statuses: LinkStatus[] = [];
  const events: string[] = [];
  const onHeard = vi.fn();
  const feed = new EventFeed({
    open,
    onEvent: (event) => events.push(event.type),
    onStatus: (status) => statuses.push(status),
    onHeard,
  });
  return { feed, statuses, events, onHeard, done: feed.run() };
}

/** Lets promises and streams go on without letting time pass. */
const settle = () => vi.advanceTimersByTimeAsync(0);

test("is live from the snapshot on, comes back when the stream ends, passes over what is no JSON", async () => {
  const [first, second] = [wire(), wire()];
  const open = vi.fn().mockImplementationOnce(first.open).mockImplementationOnce(second.open);
  const { feed, statuses, events, done } = follow(open);
  first.write(`data: not JSON\n\n${snapshot}`);
  await settle();
  expect(statuses).toEqual(["connecting", "live"]);
  first.end();
  await settle();
  expect(statuses.at(-1)).toBe("lost");
  second.write(snapshot);
  await vi.advanceTimersByTimeAsync(700);
  expect(statuses.at(-1)).toBe("live");
  expect(events).toEqual(["snapshot", "snapshot"]);
  feed.stop();
  await done;
});

test("silence is a lost connection; a comment is a sign of life", async () => {
  const line = wire();
  const { feed, statuses, onHeard, done } = follow(
    vi.fn().mockImplementationOnce(line.open).mockRejectedValue(new Error("down")),
  );
  line.write(snapshot);
  await settle();
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
  line.write(": alive\n\n");
  await settle();
  await vi.advanceTimersByTimeAsync(SILENCE_MS - 1_000);
  expect(statuses.at(-1)).toBe("live");
  expect(onHeard).toHaveBeenCalledTimes(2);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(statuses).toContain("lost");
  feed.stop();
  await done;
});

test("waits longer after each failure, and not at all when told to", async () => {
  const open = vi.fn().mockRejectedValue(new Error("down"));
  const { feed, done } = follow(open);
  await vi.advanceTimersByTimeAsync(20_000);
  // 0.5, 1, 2, 4, 4, 4 s and so on, give or take a quarter.
  expect(open.mock.calls.length).toBeGreaterThanOrEqual(6);
  expect(open.mock.calls.length).toBeLessThanOrEqual(10);
  const before = open.mock.calls.length;
  feed.retryNow();
  await settle();
  expect(open.mock.calls.length).toBe(before + 1);
  feed.stop();
  await done;
});

test("a refused token ends it", async () => {
  const refused = new ApiFailure(401, { code: "unauthorized", message: "no", hint: "" });
  const { statuses, done } = follow(vi.fn().mockRejectedValue(refused));
  await done;
  expect(statuses).toEqual(["connecting", "refused"]);
});

test("an API error keeps code, message and hint; anything else becomes a sentence", async () => {
  const body = { code: "busy", message: "lab-1 is busy.", hint: "Wait." };
  const known = await failureOf(new Response(JSON.stringify(body), { status: 409 }));
  expect([known.status, known.code, known.message, known.hint]).toEqual([
    409,
    "busy",
    "lab-1 is busy.",
    "Wait.",
  ]);
  const unknown = await failureOf(new Response("<html>", { status: 502 }));
  expect([unknown.code, unknown.message.includes("502")]).toEqual(["unexpected-answer", true]);
});
