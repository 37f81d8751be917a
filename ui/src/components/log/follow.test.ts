import { expect, test, vi } from "vitest";
import { ApiClient, type OutputQuery } from "@/api/client";
import { ApiFailure } from "@/api/error";
import type { AgentOutput } from "@/api/types";
import type { OutputLog } from "@/model/output";
import { wholeText } from "./download";
import { follow } from "./follow";

const of = { run: "r", index: 0, printer: "gatling" } as const;

const answer = (from: number, lines: string[], part: Partial<AgentOutput> = {}): AgentOutput => ({
  from,
  lines,
  next: from + lines.join("").length + lines.length,
  skipped: 0,
  ended: false,
  end: Number.MAX_SAFE_INTEGER,
  ...part,
});

const refusal = (status: number) => new ApiFailure(status, { code: "c", message: "It is away.", hint: "" });

/** A client that answers these one after the other; what it was asked. */
function script(...answers: (AgentOutput | ApiFailure)[]) {
  const asked: OutputQuery[] = [];
  const output = async (_run: string, _index: number, _printer: string, query: OutputQuery) => {
    asked.push(query);
    const next = answers.shift();
    if (!next) throw new Error("asked too often");
    if (next instanceof ApiFailure) throw next;
    return next;
  };
  return { api: Object.assign(new ApiClient({ url: "", token: "", session: null }), { output }), asked };
}

async function heardOf(api: ApiClient, { signal } = new AbortController()) {
  const logs: OutputLog[] = [];
  const failures: string[] = [];
  const heard = {
    log: (log: OutputLog) => logs.push(log),
    failure: (failure: ApiFailure | null, again: boolean) => {
      if (failure) failures.push(`${failure.status} ${again}`);
    },
  };
  await follow(api, of, heard, signal, 1);
  return { log: logs.at(-1), failures };
}

test("asks for the last lines, then waits for each that comes, to the end", async () => {
  const { api, asked } = script(
    answer(100, ["one"]),
    answer(104, []),
    answer(104, ["two"]),
    answer(108, [], { ended: true }),
  );
  const { log } = await heardOf(api);
  expect(asked).toEqual([
    { lines: { last: 1_000 }, wait: 0 },
    { lines: { from: 104 }, wait: 5 },
    { lines: { from: 104 }, wait: 5 },
    { lines: { from: 108 }, wait: 5 },
  ]);
  expect(log).toMatchObject({ count: 2, cut: true, ended: true });
});

test("tries again where agent or controller may come back, and goes on where it was", async () => {
  const { api, asked } = script(
    answer(0, ["one"]),
    refusal(502),
    refusal(0),
    answer(4, ["two"], { ended: true }),
  );
  const { log, failures } = await heardOf(api);
  expect(failures).toEqual(["502 true", "0 true"]);
  expect(asked.at(-1)).toEqual({ lines: { from: 4 }, wait: 5 });
  expect(log?.count).toBe(2);
});

test.each([400, 404, 500])("does not ask again after %i", async (status) => {
  const { api, asked } = script(refusal(status));
  expect((await heardOf(api)).failures).toEqual([`${status} false`]);
  expect(asked).toHaveLength(1);
});

test("the download has all that is kept, and says what is not", async () => {
  const { api, asked } = script(
    answer(0, ["one", "t\u001bwo"]),
    answer(2_056, ["three"], { skipped: 2_048 }),
    answer(2_062, []),
  );
  const expected = "one\nt\\u{1b}wo\n[2 KiB that were printed here are not kept]\nthree\n";
  expect(await wholeText(api, of, new AbortController().signal)).toBe(expected);
  expect(asked.map(({ lines }) => lines)).toEqual([{ from: 0 }, { from: 9 }, { from: 2_062 }]);
});

test("the download has each line of an answer, and stops at what there was when it began", async () => {
  const lines = Array.from({ length: 6_000 }, (_, line) => `${line}`);
  const { api, asked } = script(
    answer(0, lines, { next: 28_890, end: 28_900 }),
    answer(28_890, ["more"], { next: 28_895, end: 60_000 }),
    answer(28_895, ["and more"], { next: 28_904, end: 90_000 }),
  );
  const whole = await wholeText(api, of, new AbortController().signal);
  expect(whole.split("\n")).toEqual([...lines, "more", "and more", ""]);
  expect(asked).toHaveLength(3);
});

test("the download ends when it is no longer wanted", async () => {
  const { api, asked } = script(answer(0, ["one"]), answer(4, ["two"]));
  const stop = new AbortController();
  const loading = wholeText(api, of, stop.signal);
  stop.abort();
  await expect(loading).rejects.toThrow(/abort/i);
  expect(asked).toHaveLength(1);
});

test("asks nothing while nobody can see the page, and goes on when it is seen", async () => {
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true);
  const { api, asked } = script(answer(0, ["one"], { ended: true }));
  const heard = heardOf(api);
  document.dispatchEvent(new Event("visibilitychange"));
  await Promise.resolve();
  expect(asked).toHaveLength(0);
  hidden.mockReturnValue(false);
  document.dispatchEvent(new Event("visibilitychange"));
  expect((await heard).log?.count).toBe(1);
  // It ends while it is hidden.
  hidden.mockReturnValue(true);
  const stop = new AbortController();
  const other = heardOf(script().api, stop);
  stop.abort();
  expect((await other).failures).toEqual([]);
  hidden.mockRestore();
});

test("leaves no listener behind, however often it tries again", async () => {
  const { api } = script(refusal(502), refusal(502), refusal(502), answer(0, [], { ended: true }));
  const stop = new AbortController();
  const added = vi.spyOn(stop.signal, "addEventListener");
  const removed = vi.spyOn(stop.signal, "removeEventListener");
  await heardOf(api, stop);
  expect(added).toHaveBeenCalledTimes(3);
  expect(removed).toHaveBeenCalledTimes(3);
});
