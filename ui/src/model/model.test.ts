import { expect, test } from "vitest";
import type { RunAgent } from "@/api/types";
import { agent, buildFailure, row, run, runAgent, T0 } from "@/testing/fixtures";
import {
  candidates,
  codeOf,
  conditionOf,
  groupNames,
  isAvailable,
  isWaiting,
  matchesFilter,
  portOf,
  waitingOf,
} from "./agent";
import { divisions, shares } from "./divide";
import { asTicket, firstLine } from "./failure";
import { elapsedSeconds, isActive, mergeRuns, presentAgents, STEPS, stepStates } from "./run";
import { filterTree, type RowNode, rowTree } from "./tree";

const busy = { controller: "x", controller_name: "x", run: "r", since_ms: T0 };

test.each([
  ["available", {}, true],
  ["in error: the next prepare leaves that", { phase: "error" }, true],
  ["building", { phase: "building" }, false],
  ["held by a run", { lease: busy }, false],
  ["suspect", { liveness: "suspect" }, false],
  ["pending", { trust: "pending" }, false],
] as const)("an agent that is %s can be used: %s", (_, part, usable) =>
  expect(isAvailable(agent(1, part))).toBe(usable),
);

test("trust comes before liveness, liveness before phase", () => {
  expect(conditionOf(agent(1, { trust: "needs-token", liveness: "lost" }))).toBe("needs-token");
  expect(conditionOf(agent(1, { liveness: "lost", phase: "running" }))).toBe("lost");
  expect(conditionOf(agent(1, { phase: "armed" }))).toBe("armed");
});

test("those that wait stand in the order of what can be done, and who is ignored does not", () => {
  const agents = [
    agent(1, { trust: "needs-token" }),
    agent(2, { trust: "needs-code" }),
    agent(3),
    agent(4, { trust: "pending" }),
    agent(5, { trust: "pending", ignored: true }),
    agent(6, { trust: "needs-code", ignored: true }),
  ];
  expect(waitingOf(agents).map(({ name }) => name)).toEqual(["lab-4", "lab-2", "lab-1"]);
  expect(agents.filter(isWaiting).map(({ name }) => name)).toEqual(["lab-2", "lab-4"]);
});

test.each([
  ["1234-5678", "1234-5678"],
  [" 1234 5678 ", "1234-5678"],
  ["1234–5678", "1234-5678"],
  ["12345678", "1234-5678"],
  ["1234-567", null],
  ["1234-56789", null],
  ["1234-567x", null],
  ["", null],
])("of %j the code is %j", (typed, code) => expect(codeOf(typed)).toBe(code));

test("agents are chosen by group; none and every are different things", () => {
  const agents = [
    agent(1, { group: "a" }),
    agent(2, { group: "" }),
    agent(3, { group: "b", trust: "pending" }),
  ];
  expect(candidates(agents, null)).toHaveLength(2);
  expect(candidates(agents, "")).toEqual([agents[1]]);
  expect(candidates(agents, "b")).toEqual([]);
  expect(groupNames(agents)).toEqual(["a"]);
});

test("an agent is found by what is shown of it", () => {
  const found = (filter: string) => matchesFilter(agent(1), filter);
  expect([
    found("LAB-1"),
    found("frankfurt"),
    found("7412"),
    found("debian"),
    found(" "),
    found("mars"),
  ]).toEqual([true, true, true, true, true, false]);
});

test("the port is read from addresses of both families", () => {
  expect(portOf(["[fd00::20]:7410"])).toBe("7410");
  expect(portOf(["lab.example.com:41234"])).toBe("41234");
  expect(portOf([])).toBeNull();
});

test.each([
  [200n, 2, [100n, 100n]],
  [200n, 3, [67n, 67n, 66n]],
  [2n, 4, [1n, 1n, 0n, 0n]],
  [5n, 0, []],
])("%s divided by %i", (total, agents, expected) => expect(shares(total, agents)).toEqual(expected));

test("divisions are exact beyond 2^53, and leave out what is no number", () => {
  const parameters = [
    { name: "users", value: "9007199254740993" },
    { name: "host", value: "example.com" },
  ];
  const [only, ...others] = divisions(parameters, ["users", "host", "absent"], 2);
  expect(others).toEqual([]);
  expect(only?.parts).toEqual([
    { agents: 1, share: 4503599627370497n },
    { agents: 1, share: 4503599627370496n },
  ]);
});

const states = (part: Partial<RunAgent>) => {
  const all = stepStates(runAgent(0, part));
  return STEPS.map((step) => all[step]).join(" ");
};

test.each<[Partial<RunAgent>, string]>([
  [{ phase: "waiting" }, "pending pending pending pending pending"],
  [{ phase: "building" }, "done active pending pending pending"],
  [{ phase: "ready" }, "done done pending pending pending"],
  [{ phase: "armed" }, "done done active pending pending"],
  [{ phase: "running" }, "done done done active pending"],
  [{ phase: "ended" }, "done done done done pending"],
  [{ phase: "collecting" }, "done done done done active"],
  [{ phase: "collected" }, "done done done done done"],
  [{ phase: "failed", failure: buildFailure, prepared: null }, "done failed pending pending pending"],
  [
    { phase: "failed", failure: { ...buildFailure, phase: "clone" }, prepared: null },
    "failed pending pending pending pending",
  ],
  [
    { phase: "failed", failure: { ...buildFailure, phase: "something new" } },
    "done done failed pending pending",
  ],
  [{ phase: "lost", prepared: null }, "lost pending pending pending pending"],
  [{ phase: "lost", collected_bytes: 12 }, "done done done done lost"],
])("the steps of %j", (part, expected) => expect(states(part)).toBe(expected));

test("in a run that has ended nothing is in progress", () => {
  expect(Object.values(stepStates(runAgent(0, { phase: "building" }), true))).toEqual([
    "done",
    "cut",
    "pending",
    "pending",
    "pending",
  ]);
  expect(
    Object.values(stepStates(runAgent(0, { phase: "collected" }), true)).every((state) => state === "done"),
  ).toBe(true);
});

test("elapsed time comes from the data while there is some", () => {
  const live = { ...run(1).live, elapsed_s: 77 };
  expect(elapsedSeconds(run(1, { live, state: "running", ended_ms: null }), 0)).toBe(77);
  expect(
    elapsedSeconds(
      run(1, { state: "preparing", started_ms: null, ended_ms: null, created_ms: 1_000 }),
      9_000,
    ),
  ).toBe(8);
  expect(elapsedSeconds(run(1), 0)).toBe(600);
});

test("live news win over the list, and the newest run is first", () => {
  const merged = mergeRuns([run(2, { state: "running" }), run(1)], [run(2), run(3, { state: "arming" })]);
  expect(merged.map(({ id, state }) => [id.slice(-1), state])).toEqual([
    ["3", "arming"],
    ["2", "finished"],
    ["1", "finished"],
  ]);
  expect(merged.filter(isActive)).toHaveLength(1);
});

test("agents that failed or were lost are not present", () => {
  const agents = [runAgent(0), runAgent(1, { phase: "lost" }), runAgent(2, { phase: "failed" })];
  expect(presentAgents(run(1, { agents }))).toBe(1);
});

const outline = (nodes: readonly RowNode[]): unknown[] =>
  nodes.map(({ name, children }) => (children.length > 0 ? [name, outline(children)] : name));

test("rows become a tree, whatever their names and order", () => {
  const rows = [
    row("all", [], 9, 0, 1),
    row("request", ["a", "late group"], 1, 0, 1),
    row("group", ["a"], 1, 0, 1),
    row("group", ["a", "b"], 1, 0, 1),
    row("request", ["a", "b", "r"], 1, 0, 1),
    row("request", ["a/b"], 1, 0, 1),
    row("request", ["no group of its own", "r"], 1, 0, 1),
    row("request", ["a"], 1, 0, 1),
  ];
  const tree = rowTree(rows);
  expect(outline(tree)).toEqual(["", ["a", ["late group", ["b", ["r"]]]], "a/b", "r", "a"]);
  expect(outline(filterTree(tree, "LATE"))).toEqual([["a", ["late group"]]]);
  expect(outline(filterTree(tree, "b"))).toEqual([["a", [["b", ["r"]]]], "a/b"]);
});

test("a ticket has cause, remedy, context and output", () => {
  expect(firstLine("\n  \n  [ERROR] x \n y")).toBe("[ERROR] x");
  expect(firstLine("")).toBe("");
  expect(asTicket(buildFailure, "lab-3", ["run 42"])).toBe(
    `lab-3, build: ${buildFailure.message}\n${buildFailure.hint}\n(build-failed)\nrun 42\n\n${buildFailure.detail}`,
  );
});
