// Every screen in a theme: axe finds nothing, the console stays silent, and there is a picture to look at.
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Verdict } from "@/api/types";
import { MASK } from "@/model/run-form";
import {
  agent,
  buildFailure,
  buildLines,
  gatlingLines,
  liveFigures,
  loaded,
  run,
  runAgent,
  runHealth,
  runId,
  savedTest,
  series,
  spec,
  summary,
  suspect,
  T0,
  testId,
  tick,
} from "@/testing/fixtures";
import { axe, launch, newPage, screenshots, shoot } from "./browser";
import { App } from "./pages";
import { FakeController, TOKEN } from "./server";

/** The first finding alone: of what lies behind a run of four minutes. */
const soFar: Verdict = {
  ...suspect,
  findings: suspect.findings.slice(0, 1).map((one) => ({
    ...one,
    sentence: "CPU 91.4 % from 00:03:10 to 00:03:52, for 42 s (limit 85 % for 10 s)",
    to_ms: 232_000,
  })),
};

const running = () =>
  run(9, {
    state: "running",
    started_ms: Date.now() - 240_000,
    ended_ms: null,
    has_summary: false,
    verdict: soFar,
    agents: [0, 1, 2].map((index) =>
      runAgent(index, {
        live: {
          run: runId(9),
          elapsed_s: 240,
          ok: 13_000 + index,
          ko: 240,
          users_active: 66,
          users_done: 80,
          users_waiting: 54,
        },
      }),
    ),
    live: {
      elapsed_s: 240,
      ok: 39_003,
      ko: 720,
      per_second: 187.2,
      users_active: 198,
      users_done: 240,
      users_waiting: 162,
      agents: 3,
      times: {
        count: 39_723,
        mean_ms: 61,
        max_ms: 1_910,
        percentiles: [50, 75, 95, 99].map((percent, at) => ({ percent, ms: [42, 71, 184, 412][at] ?? 0 })),
      },
    },
  });

const fleet = () => [
  agent(1, {
    phase: "running",
    step: "3 of 10 min",
    lease: { controller: "x", controller_name: "perf-desk", run: runId(9), since_ms: T0 },
    health: loaded({ cpu_percent: 91, ports_used: 25_900 }),
  }),
  agent(2, { health: loaded() }),
  agent(3, { phase: "error", failure: buildFailure }),
  agent(4, { liveness: "suspect", last_seen_ms: Date.now() - 5_000 }),
  agent(5, { liveness: "lost", last_seen_ms: Date.now() - 900_000 }),
  agent(6, {
    clock: { offset_ms: -300_210, uncertainty_ms: 0.4, measured_ms: T0, drift: null },
    group: "",
  }),
  agent(7, {
    health: { ...agent(7).health, disk_free_bytes: 900 * 1024 ** 2 },
    remark: "Two agents are called lab-7.",
  }),
  agent(8, { phase: "building", step: "mvn test-compile" }),
  agent(9, {
    name: "build-host-with-a-rather-long-name.lab.example.com",
    toolchains: { jdks: [], git: "", build_tools: [] },
  }),
];

/** Tests that ran well, failed, never ran, and with a long name. */
function withTests(controller: FakeController): void {
  const secret = { name: "login", value: MASK, secret: true };
  const [first, ...rest] = savedTest(2).runs;
  const failed = run(12, {
    state: "failed",
    has_summary: false,
    verdict: undefined,
    failures: [{ agent: "lab-2", failure: buildFailure }],
  });
  controller.agents = [agent(1), agent(2), agent(3)];
  controller.runs = [failed];
  controller.tests = [
    savedTest(1, {
      spec: {
        ...spec,
        parameters: [...spec.parameters, secret],
        selection: { group: "frankfurt", count: 2 },
      },
      secrets: "Secret values are in the desktop's keychain (Secret Service).",
    }),
    savedTest(2, {
      name: "Search under load",
      labels: ["search"],
      spec: { ...spec, source: { url: "git@git.example.com:team/search.git" } },
      runs: first
        ? [{ ...first, id: failed.id, state: "failed", verdict: null, figures: null }, ...rest]
        : rest,
    }),
    savedTest(3, {
      name: "A test whose name says at length what it is good for, with all the words that one may want to find",
      labels: ["weekly", "long", "before each release"],
      runs: [],
    }),
  ];
}

interface Screen {
  name: string;
  route: string;
  seed?: (controller: FakeController) => void;
  /** Brings the screen into the state to be looked at. */
  prepare?: (page: Page, controller: FakeController) => Promise<void>;
  /** Part of what is shown once it is ready. */
  ready: string;
  viewport?: { width: number; height: number };
  /** Rules of axe that do not count here. */
  except?: string[];
  /** The browser itself complains of what this screen is about. */
  noisy?: boolean;
}

const screens: Screen[] = [
  { name: "agents-empty", route: "/agents", ready: "Looking for agents" },
  {
    name: "agents",
    route: "/agents",
    seed: (controller) => {
      controller.agents = [
        ...fleet(),
        agent(11, { trust: "pending" }),
        agent(12, { trust: "pending", name: "lab-12b" }),
        agent(13, { trust: "needs-token" }),
      ];
      controller.info = { ...controller.info, warnings: ["Port 7410 was taken; 41234 is used."] };
    },
    ready: "lab-8",
  },
  {
    name: "agent-doctor",
    route: "/agents",
    seed: (controller) => {
      controller.agents = fleet();
      controller.doctor = [
        { name: "git", status: "pass", value: "2.39.5", hint: "" },
        { name: "JDK", status: "pass", value: "17.0.15 in /usr/lib/jvm/java-17-openjdk-amd64", hint: "" },
        { name: "proxy", status: "info", value: "http://proxy.example.com:3128", hint: "" },
        {
          name: "open files",
          status: "warn",
          value: "soft 1024, hard 4096",
          hint: "Each user of a test holds a connection, and that is a file. Raise the limit.",
          lines: ["# sudo systemctl edit bfgg-agent", "[Service]", "LimitNOFILE=1048576"],
        },
        {
          name: "disk",
          status: "fail",
          value: "900 MiB free in /var/lib/bfgg",
          hint: "Free 2 GiB, or move BFGG_DATA_DIR.",
        },
      ];
    },
    prepare: async (page) => {
      await new App(page).agents().doctor("lab-3");
    },
    ready: "LimitNOFILE",
  },
  { name: "run-form-empty", route: "/run", ready: "Cannot start yet" },
  {
    name: "run-form",
    route: "/run",
    seed: (controller) => {
      controller.agents = [agent(1), agent(2), agent(3)];
    },
    prepare: async (page) => {
      const form = new App(page).runForm();
      await form.fill({
        url: spec.source.url,
        reference: "main",
        parameters: [
          { name: "users", value: "200", divide: true },
          { name: "duration", value: "600" },
        ],
        javaOptions: ["-Xmx4G", "-XX:+UseZGC"],
      });
      await form.listSimulations();
      await page.getByText("2 simulations found").waitFor();
      await form.pickSimulation("example.ShopSimulation");
    },
    ready: "users = 200 in all",
  },
  { name: "tests-empty", route: "/tests", ready: "No saved tests yet." },
  { name: "tests", route: "/tests", seed: withTests, ready: "Search under load" },
  {
    name: "tests-error",
    route: "/tests",
    seed: (controller) => {
      withTests(controller);
      controller.refuseStart = {
        code: "too-few-agents",
        message: "2 agents are wanted and 1 is available: lab-2 is lost.",
        hint: "Let more machines join, or ask for fewer.",
      };
    },
    prepare: (page) => page.getByRole("button", { name: "Start Checkout 1" }).click(),
    ready: "Checkout 1 was not started.",
    noisy: true,
  },
  {
    name: "tests-delete",
    route: "/tests",
    seed: withTests,
    prepare: (page) => page.getByRole("button", { name: "Delete Checkout 1" }).click(),
    ready: "Its runs and their results stay.",
  },
  { name: "test", route: `/tests/${testId(1)}`, seed: withTests, ready: "Secret values are in" },
  {
    name: "test-changed",
    route: `/tests/${testId(1)}`,
    seed: withTests,
    prepare: async (page, controller) => {
      const value = page.getByRole("textbox", { name: "Value of parameter 2" });
      await value.fill("1200");
      await page.getByText("Unsaved changes").waitFor();
      const [saved] = controller.tests;
      if (saved) controller.putTest({ ...saved, name: "Checkout, all pages", revision: saved.revision + 1 });
    },
    ready: "changed in another window",
  },
  {
    name: "test-save-as",
    route: `/tests/${testId(1)}`,
    seed: withTests,
    prepare: (page) => page.getByRole("button", { name: "Save as…" }).click(),
    ready: "Save as a new test",
  },
  { name: "test-missing", route: `/tests/${testId(99)}`, ready: "There is no such test." },
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
    ready: "needs the controller's API token",
  },
];

/** The tests of one theme, a file each: so the two are looked at side by side. */
export function look(colorScheme: "light" | "dark"): void {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    process.stdout.write(`Screenshots: ${screenshots()}\n`);
  });

  test.each(screens)("$name", async ({ name, route, seed, prepare, ready, viewport, except, noisy }) => {
    const controller = new FakeController();
    seed?.(controller);
    const url = await controller.listen();
    const size = viewport ?? { width: 1440, height: name.startsWith("result") ? 2500 : 900 };
    const { page, complaints } = await newPage(browser, { colorScheme, viewport: size });
    await new App(page).open(url, TOKEN, route);
    await prepare?.(page, controller);
    await page.getByText(ready).first().waitFor();
    await page.mouse.move(0, 0);
    await shoot(page, `${name}-${colorScheme}`);
    expect(await axe(page, except)).toEqual([]);
    if (!noisy) expect(complaints.all).toEqual([]);
    await page.context().close();
    await controller.close();
  });
}
