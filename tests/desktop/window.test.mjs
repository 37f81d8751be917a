import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "../harness/wait.mjs";
import { artifacts, Desktop } from "./harness/desktop.mjs";

let desktop;
let page;

before(async () => {
  desktop = await Desktop.open("window");
  page = await desktop.window();
});
after(() => desktop?.close());

test("the window opens on the agents", async () => {
  await page.find("h1, h2", { text: "Agents" });
  assert.match(await page.title(), /^Agents/);
  await page.screenshot(join(artifacts, "agents.png"));
});

test("the window stays on its own page", async () => {
  const home = await page.url();
  for (const foreign of [
    "https://example.org/",
    "file:///etc/passwd",
    "smb://host/share",
    "data:text/html,hello",
  ]) {
    await page.run(
      `location.assign(${JSON.stringify(foreign)}); await new Promise((r) => setTimeout(r, 300));`,
    );
    assert.equal(await page.url(), home, foreign);
  }
  const opened = await page.run(`return window.open("https://example.org/") === null`);
  assert.equal(opened, true, "a second window was opened");
});

test("the page can ask for its connection, and for no file, program or window", async () => {
  const answer = await page.run(`return await window.__TAURI_INTERNALS__.invoke("connection")`);
  assert.match(answer.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  for (const command of [
    "plugin:fs|read_text_file",
    "plugin:dialog|open",
    "plugin:shell|execute",
    "plugin:window|close",
    "plugin:path|resolve_directory",
    "plugin:event|emit",
    "plugin:event|listen",
    "plugin:opener|open_path",
    "plugin:notification|notify",
    "plugin:deep-link|register",
  ]) {
    const refused = await page.run(
      `try { await window.__TAURI_INTERNALS__.invoke(${JSON.stringify(command)}, {}); return null }
       catch (error) { return String(error) }`,
    );
    assert.match(String(refused), /not allowed|not found/, command);
  }
});

test("a frame gets nothing", async () => {
  const answer = await page.run(`
    const frame = document.createElement("iframe");
    frame.srcdoc = "<p>hello</p>";
    document.body.append(frame);
    await new Promise((r) => setTimeout(r, 500));
    try { return frame.contentWindow.__TAURI_INTERNALS__ === undefined ? "none" : "there"; }
    finally { frame.remove(); }`);
  assert.equal(answer, "none");
});

test("a file that the page made is saved to the downloads", async () => {
  const save = (name) =>
    page.run(`
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["saved"]));
    link.download = ${JSON.stringify(name)};
    link.click();`);
  for (const [wanted, name] of [
    ["run.json", "run.json"],
    ["run.json", "run (1).json"],
  ]) {
    await save(wanted);
    const file = join(desktop.folder, name);
    assert.equal(await until(file, () => readFile(file, "utf8").then((text) => text || null)), "saved");
  }
});

test("a second start shows the window that is there", async () => {
  const before = await desktop.controller();
  const second = desktop.start("bfgg-desktop", ["--run", "0193a3f0-0000-7000-8000-000000000000"]);
  assert.deepEqual(await second.exited, { code: 0, signal: null });
  assert.deepEqual(await desktop.controller(), before);
  await until("the run's page", async () =>
    (await page.url()).endsWith("#/runs/0193a3f0-0000-7000-8000-000000000000"),
  );
});

test("when the app is told to end, its controller ends in order", async () => {
  const { pid, url } = await desktop.controller();
  process.kill(pid, "SIGTERM");
  await until("the end of the app", () => !alive(pid));
  await assert.rejects(readFile(join(desktop.data, "controller.json")), { code: "ENOENT" });
  await assert.rejects(fetch(url));
});

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
