// From opening the app to a finished run, on this computer alone; and what closing the window asks.
import assert from "node:assert/strict";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "../harness/wait.mjs";
import { artifacts, Desktop } from "./harness/desktop.mjs";
import { focus, gone, press } from "./harness/keyboard.mjs";

let desktop;
let page;

before(async () => {
  desktop = await Desktop.open("first-run");
  page = await desktop.window();
});
after(() => desktop?.close());

const newest = async () => (await desktop.api("GET", "/runs"))[0];

test("three clicks from the first screen to a finished run", { timeout: 300_000 }, async () => {
  await (await page.find("main button", { text: "Run an agent on this computer" })).click();
  await (await page.find("button", { text: "Try the sample test" })).click();
  await page.screenshot(join(artifacts, "first-run-form.png"));
  await (await page.find("button[type=submit]", { text: "Start on 1 agent" })).click();
  const run = await until("the run", newest);
  const ended = await desktop.ended(run.id);
  assert.equal(ended.state, "finished", JSON.stringify(ended.failures, null, 2));
  await page.find("tr", { text: "All requests" });
  await page.screenshot(join(artifacts, "first-run-result.png"));
});

const QUESTION = "A run is in progress";

/** Closes the window as a user does, up to the question. */
async function close() {
  await focus("BFG-G$");
  await press("alt+F4");
  await focus(QUESTION);
}

const alive = (pid) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test("closing in a run asks, and does as it is told", { timeout: 300_000 }, async () => {
  // Long enough for all that follows; it is stopped anyway.
  const { spec } = await newest();
  spec.parameters.find(({ name }) => name === "duration").value = "180";
  const { id } = await desktop.api("POST", "/runs", spec);
  await page.run("location.hash = arguments[0]", `#/runs/${id}`);
  const running = async () => {
    const run = await newest();
    return run.state === "running" && run;
  };
  await until("a run with load", running, 60);
  // The figures are there while it goes on.
  await page.find("tr", { text: "All requests" });
  await page.find("tr", { text: "search" });
  assert.ok(await running());

  // Back: all stays as it is.
  await close();
  await press("Escape");
  await gone(QUESTION);
  assert.ok(await running());

  // Leave it running: it does, and is there when the app is.
  const first = await desktop.controller();
  await close();
  await press("Return");
  await until("the end of the app", () => !alive(first.pid));
  const gatling = (await desktop.processes()).filter((line) =>
    /java .*io\.gatling\.app\.Gatling|\/java /.test(line),
  );
  assert.notDeepEqual(gatling, [], "Gatling goes on");
  page = await desktop.window();
  await until("the run again", running, 30);

  // Stop it: the window goes when its result is there, and the agent with it.
  const second = await desktop.controller();
  await close();
  await press("Tab", "Return");
  await until("the end of the app", () => !alive(second.pid), 60);
  const stopped = JSON.parse(await readFile(join(desktop.data, "runs", id, "run.json"), "utf8"));
  assert.equal(stopped.state, "stopped", JSON.stringify(stopped, null, 2));
  await stat(join(desktop.data, "runs", id, "report.html"));
  await until("nothing of it is left", async () => (await desktop.processes()).every(isDriver));
});

/** What starts the app for the tests, and the display's own. */
const isDriver = (line) => /tauri-driver|WebKitWebDriver/.test(line);
