// What the page does, against a made-up controller in a real browser.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { agent, run, runAgent, runId, series, spec, summary, tick } from "@/testing/fixtures";
import { app, complaints, controller, isGone, isThere, page, url, withScene } from "./scene";
import { liveRun } from "./screens/fleet";
import { LOCAL, TOKEN } from "./server";

withScene();

test("takes the token out of the address and keeps it for the tab", async () => {
  await app.open(url, TOKEN, "/runs");
  expect(page.url()).toBe(`${url}/#/runs`);
  await page.reload();
  await isThere("No runs yet");
  expect(complaints.all).toEqual([]);
});

test("asks for the token, and says when it is refused", async () => {
  await page.goto(`${url}/`);
  await page.getByRole("textbox", { name: "API token" }).fill("wrong");
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await isThere("The controller refused this token.");
  await page.getByRole("textbox", { name: "API token" }).fill(TOKEN);
  await page.getByRole("button", { name: "Open", exact: true }).click();
  await isThere("Looking for agents");
});

test("has an agent on this computer, and the sample on it alone", async () => {
  controller.localAgent = {
    state: "failed",
    problem: {
      code: "local-agent",
      message: "The agent on this computer ended by itself: no room",
      hint: "See agent.log.",
    },
  };
  await app.open(url, TOKEN);
  await isThere("ended by itself: no room");
  await page.getByRole("button", { name: "Run an agent on this computer" }).click();
  await app.agents().row("perf-desk").waitFor();
  controller.putAgent(agent(1));
  await page.getByRole("button", { name: "Try the sample test" }).click();
  await page.getByRole("button", { name: "Start on 1 agent" }).click();
  await page.waitForURL(/#\/runs\//);
  expect(controller.started[0]?.selection).toEqual({ agents: [LOCAL.id] });
  await page.getByRole("link", { name: "Agents" }).first().click();
  await page.getByRole("button", { name: "End it" }).click();
  await page.getByRole("button", { name: "Run an agent on this computer" }).waitFor();
});

test("shows an agent's changes as they happen", async () => {
  controller.agents = [agent(1), agent(2)];
  await app.open(url, TOKEN);
  await isThere("2 of 2 available");
  controller.putAgent(agent(2, { liveness: "lost", last_seen_ms: Date.now() - 15_000 }));
  await app.agents().row("lab-2").getByText("Lost").waitFor();
  await isThere("1 of 2 available");
  controller.push({ type: "agent-removed", id: agent(2).id });
  await app.agents().row("lab-2").waitFor({ state: "detached" });
});

test("edits a group in place", async () => {
  controller.agents = [agent(1), agent(2)];
  await app.open(url, TOKEN);
  await page.getByRole("button", { name: /^Group of lab-1/ }).click();
  const field = page
    .getByRole("textbox", { name: "Group of lab-1" })
    .or(page.getByRole("combobox", { name: "Group of lab-1" }));
  await field.fill("paris");
  await field.press("Enter");
  await app.agents().row("lab-1").getByText("paris").waitFor();
  expect(controller.agents.find(({ name }) => name === "lab-1")?.group).toBe("paris");
});

test("copies the whole join command though the token is hidden", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"], { origin: url });
  await app.open(url, TOKEN);
  const command = app.agents().joinCommand();
  await expect.poll(() => command.inputValue()).toContain("••••");
  await page.getByRole("button", { name: "Copy command" }).click();
  await isThere("Copied");
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    "bfgg-agent --join BFGG-1-abcdef0123456789",
  );
  await page.getByRole("button", { name: "Show the token" }).click();
  await expect.poll(() => command.inputValue()).toContain("BFGG-1-abcdef0123456789");
});

test("adds an agent by its address, and says why it could not", async () => {
  await app.open(url, TOKEN);
  await app.agents().addByAddress("10.0.0.9");
  await isThere("10.0.0.9 did not answer within 10 s.");
  await isThere("Check that bfgg-agent runs there");
  await app.agents().addByAddress("lab-x:7412");
  await isThere("added was found.");
});

test("offers a checklist when nothing is found for a while", async () => {
  await page.clock.install();
  await app.open(url, TOKEN);
  await isThere("Looking for agents");
  await page.clock.runFor(17_000);
  await isThere(/A firewall lets TCP port 7410 through/);
});

test("starts a run from the form, with the divided totals shown first", async () => {
  controller.agents = [agent(1), agent(2)];
  await app.open(url, TOKEN, "/run");
  const form = app.runForm();
  await isThere("Name the Git repository.");
  expect(await form.startButton().isDisabled()).toBe(true);
  await form.fill({ url: spec.source.url, reference: "main" });
  await form.listSimulations();
  await isThere("2 simulations found.");
  await form.pickSimulation("example.SmokeSimulation");
  await form.preview().getByText("Each agent runs the whole profile: total = 2 × yours.").waitFor();
  await form.fill({
    parameters: [{ name: "users", value: "201", divide: true }],
    javaOptions: ["-Xmx2G", "-XX:+UseZGC"],
  });
  await form.preview().getByText("101 on 1 agent").waitFor();
  await form.start();
  await isThere("git fetch");
  expect(page.url()).toMatch(/#\/runs\/.+/);
  expect(controller.started).toEqual([
    {
      source: { url: spec.source.url, reference: "main" },
      simulation: "example.SmokeSimulation",
      parameters: [{ name: "users", value: "201" }],
      divide: ["users"],
      java_options: ["-Xmx2G", "-XX:+UseZGC"],
      selection: {},
      max_duration_s: 14_400,
      on_loss: "go-on",
      stop_if: [],
      description: "",
    },
  ]);
  await app.go("Run");
  await expect
    .poll(() => page.getByRole("textbox", { name: "Git repository" }).inputValue())
    .toBe(spec.source.url);
});

test("says why the controller refused a start", async () => {
  controller.agents = [agent(1)];
  controller.refuseStart = {
    code: "busy",
    message: "lab-1 is busy: run 42 since 09:30.",
    hint: "Wait for it, or stop it.",
  };
  await app.open(url, TOKEN, "/run");
  await app.runForm().fill({ url: spec.source.url });
  await page.keyboard.press("Control+Enter");
  await isThere("lab-1 is busy: run 42 since 09:30.");
  await isThere("Wait for it, or stop it.");
});

test("says why the simulations could not be listed", async () => {
  controller.agents = [agent(1)];
  controller.prepare = {
    prepared: null,
    failure: {
      code: "ref-unknown",
      phase: "fetch",
      message: "There is no ref “maain”.",
      hint: "Branches: main.",
      detail: "",
    },
  };
  await app.open(url, TOKEN, "/run");
  await app.runForm().fill({ url: spec.source.url, reference: "maain" });
  await app.runForm().listSimulations();
  await isThere("There is no ref “maain”.");
  await isThere("Branches: main.");
});

test("a test is made, saved, started and found again by the keyboard alone", async () => {
  controller.agents = [agent(1), agent(2)];
  await app.open(url, TOKEN);
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  await page.getByRole("textbox", { name: "Git repository" }).focus();
  await page.keyboard.type(spec.source.url);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Save as test…" }).press("Enter");
  await page.getByRole("dialog").getByRole("textbox", { name: "Name" }).fill("Shop");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Shop" }).waitFor();
  await page.getByRole("group", { name: "Command" }).getByText("--test Shop").waitFor();
  await page.keyboard.press("Control+Enter");
  await isThere("git fetch");
  expect(controller.runs[0]?.test?.name).toBe("Shop");
  await page.getByRole("link", { name: "Shop", exact: true }).press("Enter");
  await page.getByRole("textbox", { name: "Description" }).first().fill("every night");
  await isThere("Unsaved changes");
  await app.go("Tests");
  await page.getByRole("link", { name: "Shop", exact: true }).press("Enter");
  await isThere("Unsaved changes of an earlier visit are here again.");
  await page.getByRole("button", { name: "Save", exact: true }).press("Enter");
  await isThere(/^Saved \d/);
  expect(controller.tests[0]).toMatchObject({ description: "every night", revision: 2 });
  expect(complaints.all).toEqual([]);
});

test("follows a run from its first second to its result", async () => {
  controller.runs = [liveRun()];
  controller.ticks = { [runId(9)]: [tick(0), tick(1)] };
  await app.open(url, TOKEN, `/runs/${runId(9)}`);
  await app.strip().getByText("10.00 %").waitFor();
  await page.locator("canvas").first().waitFor();
  for (let second = 2; second < 30; second += 1)
    controller.push({ type: "tick", run: runId(9), tick: tick(second) });
  await expect.poll(() => app.run().chart().getAttribute("aria-valuemax")).toBe("29");
  controller.putRun(liveRun({ live: { ...liveRun().live, ok: 5_000, per_second: 77 } }));
  await expect.poll(() => app.run().tile("Requests/s").textContent()).toBe("77");
  controller.summaries = { [runId(9)]: summary(9) };
  controller.series = { [runId(9)]: series(60) };
  controller.putRun(run(9));
  await app.run().state("Finished").waitFor();
  await app.run().requestRow("Payment").waitFor();
  await app.strip().waitFor({ state: "detached" });
  expect(complaints.all).toEqual([]);
});

test("moves the chart's cursor by keyboard, and shows the figures as a table", async () => {
  controller.runs = [run(8)];
  controller.summaries = { [runId(8)]: summary(8) };
  controller.series = { [runId(8)]: series(600) };
  await app.open(url, TOKEN, `/runs/${runId(8)}`);
  await page.locator("canvas").first().waitFor();
  const chart = app.run().chart();
  await chart.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => chart.getAttribute("aria-valuetext")).toBe("0:02: OK/s 7, KO/s 0, Users 7");
  // The charts share the cursor.
  const times = page.getByRole("slider", { name: "Response times" });
  await expect.poll(() => times.getAttribute("aria-valuetext")).toMatch(/^0:02: 50th \d+ ms, /);
  await page.getByText("Show as table").first().click();
  const table = page.getByRole("table", { name: "Requests per second, as a table" });
  await table.getByRole("rowheader", { name: "0:02" }).waitFor();
  // Long tables keep only what is seen in the document.
  expect(await table.getByRole("row").count()).toBeLessThan(100);
  expect(await table.getAttribute("aria-rowcount")).toBe("601");
});

test("stops a run after asking, then forces it", async () => {
  controller.runs = [liveRun()];
  await app.open(url, TOKEN, `/runs/${runId(9)}`);
  await page.keyboard.press("Control+.");
  await page.getByRole("dialog").getByRole("button", { name: "Keep running" }).click();
  expect(controller.stops).toEqual([]);
  await app.run().stop();
  await app.run().forceStop();
  await expect
    .poll(() => controller.stops)
    .toEqual([
      { run: runId(9), force: false },
      { run: runId(9), force: true },
    ]);
});

test("greys what is old, says how old, and comes back", async () => {
  controller.runs = [liveRun()];
  await app.open(url, TOKEN, `/runs/${runId(9)}`);
  await app.strip().waitFor();
  await controller.close();
  await isThere("Connection to the controller lost");
  await isThere(/Last update \d+ s ago\. What you see is old/);
  expect(await page.locator("main[data-stale]").count()).toBe(1);
  expect(await app.strip().getByText("live", { exact: true }).count()).toBe(0);
});

test("comes back by itself with a new snapshot", async () => {
  controller.agents = [agent(1)];
  await app.open(url, TOKEN);
  await app.agents().row("lab-1").waitFor();
  controller.agents = [agent(1), agent(2)];
  controller.dropStreams();
  await app.agents().row("lab-2").waitFor();
  await isGone("Connection to the controller lost");
});

test("repeats a run with the same settings", async () => {
  controller.runs = [run(8)];
  controller.agents = [agent(1), agent(2)];
  await app.open(url, TOKEN, "/runs");
  await app.runs().rows().first().click();
  await app.run().rerun();
  await isThere(/Filled in from the run of/);
  await app.runForm().start();
  await expect.poll(() => controller.started).toEqual([spec]);
});

test("offers the files of an agent under names of our own", async () => {
  controller.runs = [run(8)];
  controller.summaries = { [runId(8)]: summary(8) };
  await app.open(url, TOKEN, `/runs/${runId(8)}`);
  await page.getByRole("button", { name: "Files: lab-2" }).click();
  const download = page.waitForEvent("download");
  await page.getByRole("menuitem", { name: "Download output.log of lab-2" }).click();
  expect((await download).suggestedFilename()).toBe("00000008-agent-1-output.log");
});

test("offers the result's files, by keyboard too", async () => {
  controller.runs = [run(8)];
  controller.summaries = { [runId(8)]: summary(8) };
  await app.open(url, TOKEN, `/runs/${runId(8)}`);
  const button = page.getByRole("button", { name: "Download", exact: true });
  await button.press("Enter");
  expect(await page.getByRole("menuitem").allTextContents()).toEqual([
    "Report (HTML)",
    "Table (CSV)",
    "JUnit",
    "summary.json",
  ]);
  const download = page.waitForEvent("download");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  expect((await download).suggestedFilename()).toMatch(/^00000008-(report\.html|stats\.csv)$/);
  expect(complaints.all).toEqual([]);
});

test("shows users, the steady rate and the groups' durations", async () => {
  controller.runs = [run(8)];
  controller.summaries = { [runId(8)]: summary(8) };
  await app.open(url, TOKEN, `/runs/${runId(8)}`);
  const users = page.getByRole("table", { name: "Users" });
  await users.getByRole("row").filter({ hasText: "Shoppers" }).filter({ hasText: "240" }).waitFor();
  const agents = page.getByRole("table", { name: "Agents" });
  await agents.getByRole("columnheader", { name: "Unfinished" }).waitFor();
  await isThere("199.4");
  await app.run().requestRow("Checkout").getByText("720").first().waitFor();
  await page.getByText("Groups, with pauses").click();
  await app.run().requestRow("Checkout").getByText("2,160").first().waitFor();
});

test("finds an older run that the snapshot does not have, and says when there is none", async () => {
  await app.open(url, TOKEN, `/runs/${runId(3)}`);
  await isThere("There is no such run.");
  controller.runs = [run(4)];
  controller.summaries = { [runId(4)]: summary(4) };
  await page.goto(`${url}/#/runs/${runId(4)}`);
  await app.run().requestRow("Payment").waitFor();
});

test("goes everywhere by keyboard", async () => {
  controller.agents = [agent(1), agent(2)];
  controller.runs = [run(8)];
  await app.open(url, TOKEN);
  await app.agents().row("lab-1").waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await app.heading().filter({ hasText: "Runs" }).waitFor();
  await app.runs().rows().first().waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("ga");
  expect(await app.runs().filter().inputValue()).toBe("ga");
  await isThere("No run matches the filter.");
  await page.keyboard.press("Escape");
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await app.heading().filter({ hasText: "New run" }).waitFor();
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await app.heading().filter({ hasText: "Agents" }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard" }).waitFor();
});

test("follows what an agent prints, stands still while it is read, and saves all of it", async () => {
  const agents = [0, 1].map((index) => runAgent(index, { phase: "running" }));
  controller.runs = [run(9, { state: "running", ended_ms: null, has_summary: false, agents })];
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, line) => `line ${from + line}`);
  controller.outputs.print(0, "gatling", lines(0, 200));
  controller.outputs.print(1, "build", ["\u001b[2Jbuilt"]);
  await app.open(url, TOKEN, `/runs/${runId(9)}`);
  const log = app.run().log("Gatling log of lab-1");
  const isAtEnd = () => log.evaluate((area) => area.scrollHeight - area.scrollTop - area.clientHeight < 24);
  await log.getByText("line 199").waitFor();
  await expect.poll(isAtEnd).toBe(true);
  controller.outputs.print(0, "gatling", lines(200, 300));
  await log.getByText("line 299").waitFor();
  await expect.poll(isAtEnd).toBe(true);

  // By the keyboard alone: up, and what is read stays; then to the end.
  await log.focus();
  await page.keyboard.press("Home");
  const jump = page.getByRole("button", { name: "Jump to the end" });
  await jump.waitFor();
  controller.outputs.print(0, "gatling", lines(300, 400));
  await page.getByRole("button", { name: "Jump to the end, 100 new" }).waitFor();
  expect(await log.getByText("line 399").count()).toBe(0);
  expect(await log.evaluate((area) => area.scrollTop)).toBe(0);
  await jump.press("Enter");
  await log.getByText("line 399").waitFor();
  await expect.poll(isAtEnd).toBe(true);

  const saving = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const path = await (await saving).path();
  expect(await readFile(path, "utf8")).toBe(`${lines(0, 400).join("\n")}\n`);

  await page.getByRole("combobox", { name: "Agent of the log" }).selectOption("lab-2");
  await page.getByRole("radiogroup", { name: "Which log" }).getByText("Build").click();
  await app.run().log("Build log of lab-2").getByText("\\u{1b}[2Jbuilt").waitFor();
  controller.outputs.end();
  await isThere("1 line, complete");
  expect(complaints.all).toEqual([]);
});
