// What is there before a run: agents, tests, the form, settings.
import { MASK } from "@/model/run-form";
import { agent, buildFailure, run, savedTest, spec, T0, testId } from "@/testing/fixtures";
import { App } from "../pages";
import type { FakeController } from "../server";
import { fleet } from "./fleet";
import type { Screen } from "./screen";

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

export const BEFORE: readonly Screen[] = [
  { name: "agents-empty", route: "/agents", ready: "Looking for agents" },
  {
    name: "agents",
    route: "/agents",
    seed: (controller) => {
      controller.agents = [
        ...fleet(),
        agent(11, { trust: "pending" }),
        agent(12, { trust: "pending", name: "lab-12b" }),
        agent(13, { trust: "needs-code" }),
        agent(14, { trust: "needs-token", version: "0.0.9" }),
        agent(15, { trust: "pending", ignored: true }),
        agent(16, { trust: "needs-code", ignored: true, liveness: "lost" }),
      ];
      controller.info = { ...controller.info, warnings: ["Port 7410 was taken; 41234 is used."] };
    },
    ready: "lab-8",
  },
  {
    name: "agents-pairing",
    route: "/agents",
    seed: (controller) => {
      controller.agents = [
        agent(11, { trust: "pending", remark: "2 agents are called lab-11: tell them apart by their ids." }),
        agent(12, { trust: "needs-code" }),
        agent(13, { trust: "needs-code", name: "build-host-with-a-rather-long-name.lab.example.com" }),
        agent(14, { trust: "needs-token", version: "0.0.9" }),
        agent(15, { trust: "pending", ignored: true }),
        agent(16, { trust: "needs-code", ignored: true, liveness: "lost" }),
      ];
    },
    prepare: async (page) => {
      await page.getByRole("button", { name: "Ignored (2)" }).click();
      const card = page.getByRole("form", { name: "Pair lab-12" });
      await card.getByLabel("Code the agent shows").fill("1234-5679");
      await card.getByRole("button", { name: "Pair" }).click();
      await card.getByRole("alert").waitFor();
    },
    ready: "4 tries are left",
    noisy: true,
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
    name: "settings",
    route: "/settings",
    seed: (controller) => {
      controller.apiTokens = [
        { id: "a1", name: "the screen in the lab", created_ms: T0 },
        { id: "b2", name: "nightly comparison", created_ms: T0 + 3_600_000 },
      ];
    },
    prepare: async (page) => {
      await page.getByRole("button", { name: "Make a link" }).click();
      await page.getByLabel("Login link").waitFor();
      await page.getByLabel("What it is for").fill("CI");
      await page.getByRole("button", { name: "Make a token" }).click();
    },
    ready: "is shown this once",
  },
  {
    name: "settings-read-only",
    route: "/settings",
    seed: (controller) => {
      controller.rights = "read";
    },
    ready: "You may look, and change nothing.",
  },
  {
    name: "agents-read-only",
    route: "/agents",
    seed: (controller) => {
      controller.rights = "read";
      controller.agents = fleet();
    },
    ready: "lab-2",
  },
];
