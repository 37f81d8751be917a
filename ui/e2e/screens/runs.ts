// Runs, their results, and what is around every screen.
import {
  buildFailure,
  buildLines,
  gatlingLines,
  liveFigures,
  run,
  runAgent,
  runHealth,
  runId,
  series,
  spec,
  summary,
  T0,
  tick,
} from "@/testing/fixtures";
import { App } from "../pages";
import { fleet, running } from "./fleet";
import type { Screen } from "./screen";

export const RUNS: readonly Screen[] = [
  {
    name: "run-preparing",
    route: `/runs/${runId(9)}`,
    seed: (controller) => {
      controller.agents = fleet();
      controller.runs = [
        {
          ...running(),
          state: "preparing",
          created_ms: Date.now() - 21_000,
          started_ms: null,
          verdict: undefined,
          live: {
            elapsed_s: 0,
            ok: 0,
            ko: 0,
            per_second: 0,
            users_active: 0,
            users_done: 0,
            users_waiting: 0,
            agents: 0,
          },
          agents: [
            runAgent(0, { phase: "ready" }),
            runAgent(1, {
              phase: "building",
              step: "mvn -B test-compile dependency:build-classpath",
              prepared: null,
            }),
            runAgent(2, { phase: "failed", failure: buildFailure, prepared: null }),
          ],
          failures: [{ agent: "lab-3", failure: buildFailure }],
        },
      ];
    },
    ready: "cannot find symbol",
  },
  {
    name: "run-live",
    route: `/runs/${runId(9)}`,
    seed: (controller) => {
      controller.agents = fleet();
      controller.runs = [running()];
      controller.ticks = {
        [runId(9)]: Array.from({ length: 240 }, (_, second) => tick(second)).filter(
          ({ second }) => second < 120 || second > 131,
        ),
      };
      controller.figures = { [runId(9)]: liveFigures(240) };
    },
    prepare: async (page) => {
      await page.locator("canvas").nth(1).waitFor();
    },
    ready: "All requests",
  },
  {
    name: "run-stretch",
    route: `/runs/${runId(9)}`,
    viewport: { width: 1440, height: 1500 },
    seed: (controller) => {
      const started = running();
      const at = (second: number) => (started.started_ms ?? 0) + second * 1000;
      controller.agents = fleet();
      controller.runs = [
        {
          ...started,
          verdict: undefined,
          pinned: [
            { id: 1, at_ms: at(60), text: "Deployed 2.4.1 to two of three nodes" },
            { id: 2, at_ms: at(95), text: "Cache emptied" },
            { id: 3, at_ms: at(200), text: "Database failed over" },
          ],
        },
      ];
      controller.ticks = { [runId(9)]: Array.from({ length: 240 }, (_, second) => tick(second)) };
      controller.figures = { [runId(9)]: liveFigures(240) };
    },
    prepare: async (page, controller) => {
      const screen = new App(page).run();
      await page.locator("canvas").nth(1).waitFor();
      await screen.drag(0.2, 0.5);
      await screen.bar().getByRole("button", { name: "Pause view" }).click();
      for (let second = 240; second < 274; second += 1)
        controller.push({ type: "tick", run: runId(9), tick: tick(second) });
      await page.getByText("Paused, 34 s behind").waitFor();
    },
    ready: "At the edges",
  },
  {
    name: "result-stretch",
    route: `/runs/${runId(8)}`,
    seed: (controller) => {
      controller.runs = [run(8, { pinned: [{ id: 1, at_ms: T0 + 200_000, text: "Cache emptied" }] })];
      controller.summaries = { [runId(8)]: summary(8) };
      controller.series = { [runId(8)]: series(600) };
      controller.healths = { [runId(8)]: runHealth(600) };
    },
    prepare: async (page) => {
      await page.locator("canvas").nth(1).waitFor();
      await new App(page).run().drag(0.3, 0.6);
    },
    ready: "counted in the agents' logs",
  },
  {
    name: "note-dialog",
    route: `/runs/${runId(8)}`,
    viewport: { width: 1440, height: 900 },
    seed: (controller) => {
      controller.runs = [run(8)];
      controller.summaries = { [runId(8)]: summary(8) };
      controller.series = { [runId(8)]: series(600) };
    },
    prepare: async (page) => {
      await page.locator("canvas").nth(1).waitFor();
      await page.keyboard.press("n");
      await page.getByRole("textbox", { name: "Note" }).fill("Cache emptied");
    },
    ready: "Add a note",
  },
  {
    name: "run-old",
    route: `/runs/${runId(9)}`,
    seed: (controller) => {
      controller.agents = fleet();
      controller.runs = [running()];
      controller.ticks = { [runId(9)]: Array.from({ length: 240 }, (_, second) => tick(second)) };
    },
    ready: "These figures are old",
  },
  {
    name: "runs",
    route: "/runs",
    seed: (controller) => {
      controller.agents = fleet();
      controller.runs = [
        running(),
        run(8),
        run(7, { state: "partial", spec: { ...spec, description: "Nightly, eight agents" } }),
        run(6, { state: "stopped" }),
        run(5, {
          state: "failed",
          started_ms: null,
          verdict: undefined,
          simulation: null,
          spec: { ...spec, simulation: undefined },
          has_summary: false,
          live: { ...run(5).live, ok: 0, ko: 0 },
        }),
        run(4, { live: { ...run(4).live, ko: 0 } }),
      ];
    },
    ready: "Nightly, eight agents",
  },
  { name: "runs-empty", route: "/runs", ready: "No runs yet" },
  {
    name: "result",
    route: `/runs/${runId(8)}`,
    seed: (controller) => {
      controller.runs = [run(8)];
      controller.summaries = { [runId(8)]: summary(8) };
      controller.series = { [runId(8)]: series(600) };
      controller.healths = { [runId(8)]: runHealth(600) };
    },
    prepare: async (page) => {
      await page.locator("canvas").first().waitFor();
      await page.getByRole("table", { name: "Load generators" }).waitFor();
    },
    ready: "Connection refused",
  },
  {
    name: "result-partial",
    route: `/runs/${runId(7)}`,
    seed: (controller) => {
      controller.runs = [
        run(7, {
          state: "partial",
          failures: [
            {
              agent: "lab-2",
              failure: {
                code: "run-lost",
                phase: "run",
                message: "lab-2 has not been heard of since 09:34:11.",
                hint: "Start bfgg-agent there again: it delivers the rest of its log by itself.",
                detail: "",
              },
            },
          ],
        }),
      ];
      controller.summaries = {
        [runId(7)]: summary(7, {
          notes: ["Agent lab-2's log ends in the middle of a record."],
          errors: [],
          assertions: [],
        }),
      };
      controller.series = { [runId(7)]: series(20) };
    },
    ready: "middle of a record",
  },
  {
    name: "result-failed",
    route: `/runs/${runId(5)}`,
    seed: (controller) => {
      controller.runs = [
        run(5, {
          state: "failed",
          started_ms: null,
          has_summary: false,
          verdict: undefined,
          agents: [
            runAgent(0, { phase: "building", step: "mvn test-compile" }),
            runAgent(1, { phase: "failed", failure: buildFailure, prepared: null }),
          ],
          failures: [{ agent: "lab-2", failure: buildFailure }],
        }),
      ];
    },
    ready: "There is no result",
  },
  {
    name: "narrow",
    route: `/runs/${runId(9)}`,
    viewport: { width: 900, height: 700 },
    seed: (controller) => {
      controller.runs = [running()];
      controller.ticks = { [runId(9)]: Array.from({ length: 240 }, (_, second) => tick(second)) };
    },
    prepare: async (page) => {
      await page.locator("canvas").first().waitFor();
    },
    ready: "KO/s",
  },
  {
    name: "stop-dialog",
    route: "/agents",
    seed: (controller) => {
      controller.agents = fleet();
      controller.runs = [running()];
    },
    prepare: (page) => page.getByRole("button", { name: "Stop", exact: true }).click(),
    ready: "Stop this run?",
  },
  {
    name: "log-live",
    route: `/runs/${runId(9)}`,
    viewport: { width: 1440, height: 700 },
    seed: (controller) => {
      controller.agents = fleet();
      controller.runs = [running()];
      for (let second = 0; second < 240; second += 5)
        controller.outputs.print(0, "gatling", gatlingLines(second));
    },
    prepare: async (page, controller) => {
      const log = new App(page).run().log("Gatling log of lab-1");
      await log.getByText("235s elapsed").waitFor();
      await log.scrollIntoViewIfNeeded();
      await log.focus();
      await page.keyboard.press("PageUp");
      await page.getByText("Jump to the end").waitFor();
      controller.outputs.print(0, "gatling", gatlingLines(240));
    },
    ready: "Jump to the end, 8 new",
  },
  {
    name: "log-failed",
    route: `/runs/${runId(5)}`,
    viewport: { width: 1440, height: 1100 },
    seed: (controller) => {
      controller.runs = [
        run(5, {
          state: "failed",
          started_ms: null,
          has_summary: false,
          verdict: undefined,
          agents: [
            runAgent(0, { phase: "ready" }),
            runAgent(1, { phase: "failed", failure: buildFailure, prepared: null }),
          ],
          failures: [{ agent: "lab-2", failure: buildFailure }],
        }),
      ];
      controller.outputs.print(1, "build", buildLines);
      controller.outputs.end();
    },
    ready: "11 lines, complete",
  },
  { name: "keyboard", route: "/agents", prepare: (page) => page.keyboard.press("?"), ready: "Go to Runs" },
  {
    name: "lost",
    route: `/runs/${runId(9)}`,
    seed: (controller) => {
      controller.agents = fleet();
      controller.runs = [running()];
      controller.ticks = { [runId(9)]: Array.from({ length: 240 }, (_, second) => tick(second)) };
    },
    prepare: async (page, controller) => {
      await page.locator("canvas").first().waitFor();
      await controller.close();
    },
    ready: "What you see is old",
    noisy: true,
  },
  {
    name: "login",
    route: "/agents",
    prepare: async (page) => {
      await page.evaluate(() => sessionStorage.clear());
      await page.reload();
      await page.getByLabel("API token").fill("something");
    },
    ready: "This browser has not been let in yet",
  },
];
