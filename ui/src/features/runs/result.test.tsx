import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { RunHealth, Summary } from "@/api/types";
import { runHealth, series, run as someRun, summary as someSummary } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import RunResult from "./RunResult";

const save = vi.hoisted(() => vi.fn());
vi.mock("@/host/save", () => ({ saveBlob: save }));
vi.mock("@/components/chart/SecondsChart", () => ({ SecondsChart: () => null }));

const run = someRun(8);

/** The result's screen; what was asked for. */
async function open(summary: Summary, health: RunHealth = { agents: [] }) {
  const asked: string[] = [];
  renderScreen(<RunResult run={run} />, {
    api: {
      summary: async () => summary,
      series: async () => series(10),
      health: async () => health,
      reportFile: async (_id: string, file: string) => {
        asked.push(file);
        return new Blob([file]);
      },
    },
  });
  await screen.findByRole("table", { name: "Requests" });
  return asked;
}

test.each([
  ["Report (HTML)", "report.html"],
  ["Table (CSV)", "stats.csv"],
  ["JUnit", "junit.xml"],
  ["summary.json", "summary.json"],
])("saves %s from one menu", async (item, file) => {
  const asked = await open(someSummary(8));
  await userEvent.click(screen.getByRole("button", { name: "Download" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: item }));
  await vi.waitFor(() => expect(save).toHaveBeenCalledWith(expect.any(Blob), `${run.id.slice(-8)}-${file}`));
  expect(asked).toEqual([file]);
});

test("shows unfinished users only where there are some", async () => {
  const all = someSummary(8);
  await open({ ...all, agents: all.agents.map((share) => ({ ...share, unfinished_users: 0 })) });
  const table = within(screen.getByRole("table", { name: "Agents" }));
  expect(table.queryByText("Unfinished")).toBeNull();
});

test("says over which time the steady rate is", async () => {
  await open(someSummary(8));
  const tile = screen.getByText("Steady requests/s").parentElement;
  expect(tile?.textContent).toContain("199.4");
  expect(tile?.title).toBe("In the 10 min in which all agents made load, from 0 s after the start");
});

test("shows the result of an older version, which has less", async () => {
  const { steady: _, users: __, ...older } = someSummary(8);
  const rows = older.rows.map(({ duration: _, error_percent: __, ...row }) => row);
  await open({ ...older, rows } as unknown as Summary);
  expect(screen.queryByText("Steady requests/s")).toBeNull();
  expect(screen.queryByRole("table", { name: "Users" })).toBeNull();
  expect(screen.queryByText("Groups, with pauses")).toBeNull();
});

test("shows how the start was held, each clock, and the load over the run", async () => {
  await open(someSummary(8), runHealth(30));
  const agents = within(screen.getByRole("table", { name: "Agents" }));
  expect(screen.getByText("Released within 2.6 ms ± 1.6 ms; first users within 14 ms")).toBeInTheDocument();
  expect(agents.getByText("5:00 ahead ± 0.3 ms")).toBeInTheDocument();
  expect(agents.getByText("+3.2 ms")).toBeInTheDocument();
  const load = within(await screen.findByRole("table", { name: "Load generators" }));
  expect(load.getByRole("img", { name: /^Processors of lab-2 over the run, at most/ })).toBeInTheDocument();
});
