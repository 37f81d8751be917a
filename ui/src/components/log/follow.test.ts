import { expect, test } from "vitest";
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
  return { api: Object.assign(new ApiClient({ url: "", token: "" }), { output }), asked };
}

async function heardOf(api: ApiClient) {
  const logs: OutputLog[] = [];
  const failures: string[] = [];
  const heard = {
    log: (log: OutputLog) => logs.push(log),
    failure: (failure: ApiFailure | null, again: boolean) => {
      if (failure) failures.push(`${failure.status} ${again}`);
    },
  };
  await follow(api, of, heard, new AbortController().signal, 1);
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
    { lines: { from: 104 }, wait: 25 },
    { lines: { from: 104 }, wait: 25 },
    { lines: { from: 108 }, wait: 25 },
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
  expect(asked.at(-1)).toEqual({ lines: { from: 4 }, wait: 25 });
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
  expect(await wholeText(api, of)).toBe(expected);
  expect(asked.map(({ lines }) => lines)).toEqual([{ from: 0 }, { from: 9 }, { from: 2_062 }]);
});
