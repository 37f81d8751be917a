import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { expect, test, vi } from "vitest";
import { ApiFailure } from "@/api/error";
import { runCommand } from "@/components/keys";
import { EMPTY_DRAFT } from "@/model/run-form";
import { agent, run, runAgent, tick } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import { blockersOf } from "./blockers";
import { LiveTiles } from "./LiveTiles";
import RunFormPage from "./RunFormPage";

const good = { ...EMPTY_DRAFT, url: "https://git.example.com/x.git" };

test("the reasons why not: the field's, the controller's, the agents'", () => {
  const agents = [agent(1, { group: "a" }), agent(2, { group: "b", liveness: "lost" })];
  expect(blockersOf(good, agents, true).reasons).toEqual([]);
  expect(blockersOf(good, agents, false).reasons).toEqual(["The controller is not connected."]);
  expect(blockersOf(good, [], true).reasons).toEqual(["No agent is available."]);
  expect(blockersOf({ ...good, group: "b" }, agents, true).reasons).toEqual([
    "No agent of group b is available.",
  ]);
  const few = { ...good, parameters: [{ name: "users", value: "1", divide: true, secret: false }] };
  expect(blockersOf(few, [agent(1)], true).reasons).toEqual([]);
  expect(blockersOf(few, [agent(1), agent(2)], true).reasons).toEqual([
    "“users” is too small to be divided among 2 agents: each needs at least 1.",
  ]);
  expect(blockersOf({ ...good, count: 2 }, agents, true).reasons).toEqual([
    "2 agents wanted, 1 is available.",
  ]);
});

const form = (
  <Routes>
    <Route path="/run" element={<RunFormPage />} />
    <Route path="/runs/:run" element={<p>the run</p>} />
  </Routes>
);

test("starts with the keyboard, and remembers what was typed", async () => {
  const startRun = vi.fn().mockResolvedValue(run(1));
  renderScreen(form, { api: { startRun }, snapshot: { agents: [agent(1)] }, route: "/run" });
  await userEvent.type(screen.getByRole("textbox", { name: "Git repository" }), good.url);
  act(() => {
    runCommand("start");
  });
  expect(await screen.findByText("the run")).toBeInTheDocument();
  expect(startRun.mock.calls[0]?.[0]).toMatchObject({ source: { url: good.url }, max_duration_s: 14_400 });
  expect(localStorage.getItem("bfgg.run-form")).toContain(good.url);
});

test("a folder that was sent is run again as it was", async () => {
  const startRun = vi.fn().mockResolvedValue(run(1));
  const snapshot = { id: "5f6e".repeat(16), name: "shop-tests", base_commit: "1a2b3c4d", dirty: true };
  localStorage.setItem("bfgg.run-form", JSON.stringify({ ...EMPTY_DRAFT, snapshot }));
  renderScreen(form, { api: { startRun }, snapshot: { agents: [agent(1)] }, route: "/run" });
  const folder = screen.getByRole("textbox", { name: "Folder", description: /as it is now/ });
  expect(folder).toHaveValue("folder shop-tests, on 1a2b3c4d with uncommitted changes");
  act(() => {
    runCommand("start");
  });
  expect(await screen.findByText("the run")).toBeInTheDocument();
  expect(startRun.mock.calls[0]?.[0].source).toEqual({ url: "", snapshot });
});

test("the folder of an earlier run gives way to a repository", async () => {
  const snapshot = { id: "5f6e".repeat(16), name: "shop-tests", dirty: false };
  localStorage.setItem("bfgg.run-form", JSON.stringify({ ...EMPTY_DRAFT, snapshot }));
  renderScreen(form, { snapshot: { agents: [agent(1)] }, route: "/run" });
  await userEvent.click(screen.getByRole("button", { name: "Use a repository" }));
  expect(screen.getByRole("textbox", { name: "Git repository" })).toHaveValue("");
});

test("a refused start keeps the form and says why; a change takes the message away", async () => {
  const refused = new ApiFailure(409, { code: "busy", message: "lab-1 is busy.", hint: "Wait." });
  renderScreen(form, {
    api: { startRun: () => Promise.reject(refused) },
    snapshot: { agents: [agent(1)] },
    route: "/run",
  });
  const url = screen.getByRole("textbox", { name: "Git repository" });
  await userEvent.type(url, good.url);
  await userEvent.click(screen.getByRole("button", { name: "Start on 1 agent" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("lab-1 is busy.Wait.");
  await userEvent.type(url, "x");
  await waitFor(() => expect(screen.queryByRole("alert")).not.toBeInTheDocument());
});

test("an only simulation is filled in, several are offered", async () => {
  const simulations = vi.fn().mockResolvedValue({
    agent: "x",
    name: "lab-1",
    failure: null,
    prepared: { simulations: ["example.Only"] },
  });
  renderScreen(form, { api: { simulations }, snapshot: { agents: [agent(1)] }, route: "/run" });
  await userEvent.type(screen.getByRole("textbox", { name: "Git repository" }), good.url);
  await userEvent.click(screen.getByRole("button", { name: "List simulations" }));
  expect(await screen.findByDisplayValue("example.Only")).toBeInTheDocument();
  expect(simulations.mock.calls[0]?.[0]).toEqual({ source: { url: good.url }, selection: { count: 1 } });
});

test("figures that get no news are called old", async () => {
  vi.useFakeTimers();
  try {
    const running = run(1, { state: "running", agents: [runAgent(0)] });
    const { live } = renderScreen(<LiveTiles run={running} />);
    live.apply({ type: "tick", run: running.id, tick: tick(1) });
    act(() => vi.advanceTimersByTime(2_000));
    expect(screen.queryByText(/No new data/)).not.toBeInTheDocument();
    act(() => vi.advanceTimersByTime(6_000));
    expect(screen.getByText(/No new data for \d s\. These figures are old\./)).toBeInTheDocument();
  } finally {
    vi.useRealTimers();
  }
});

test("the times of the whole cluster stand in a tile of their own", () => {
  renderScreen(<LiveTiles run={run(1, { state: "running" })} />);
  expect(screen.getByText("95th percentile")).toBeInTheDocument();
  expect(screen.getByText("184 ms")).toBeInTheDocument();
  expect(screen.getByText("50th 42, 75th 71, 99th 412, max 1,910")).toBeInTheDocument();
});

test("before the first data there are no zeros that look like figures", () => {
  const nothing = {
    elapsed_s: 0,
    ok: 0,
    ko: 0,
    per_second: 0,
    users_active: 0,
    users_done: 0,
    users_waiting: 0,
    agents: 0,
  };
  renderScreen(<LiveTiles run={run(1, { state: "preparing", started_ms: null, live: nothing })} />);
  expect(screen.getByText("Waiting for the first data: preparing")).toBeInTheDocument();
  expect(screen.getAllByText("–")).toHaveLength(4);
});
