import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
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
  assert.equal(await page.title(), "BFG-G");
  await page.screenshot(join(artifacts, "agents.png"));
});

test("the window stays on its own page", async () => {
  const home = await page.url();
  for (const foreign of ["https://example.org/", "file:///etc/passwd", "smb://host/share", "data:text/html,hello"]) {
    await page.run(`location.assign(${JSON.stringify(foreign)}); await new Promise((r) => setTimeout(r, 300));`);
    assert.equal(await page.url(), home, foreign);
  }
  const opened = await page.run(`return window.open("https://example.org/") === null`);
  assert.equal(opened, true, "a second window was opened");
});

test("the page can ask for its connection and nothing else", async () => {
  const answer = await page.run(`return await window.__TAURI_INTERNALS__.invoke("connection")`);
  assert.match(answer.url, /^http:\/\/127\.0\.0\.1:\d+$/);
  for (const command of ["plugin:fs|read_text_file", "plugin:dialog|open", "plugin:shell|execute", "plugin:window|close", "plugin:path|resolve_directory", "plugin:event|emit"]) {
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
