// A folder on this computer as what a run is made of: the app alone names it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Desktop } from "./harness/desktop.mjs";
import { focus, gone, press } from "./harness/keyboard.mjs";

const DIALOG = "Folder of the project";

let desktop;
let page;

before(async () => {
  desktop = await Desktop.open("folder");
  page = await desktop.window();
  await page.find("main");
});
after(() => desktop?.close());

test("the page cannot name a folder", async () => {
  const refused = await page.run(`
    try { await window.__TAURI_INTERNALS__.invoke("plugin:dialog|open", { options: { directory: true } }); return null }
    catch (error) { return String(error) }`);
  assert.match(String(refused), /not allowed/);
});

test("the system's dialog asks for it, and where none is chosen all stays as it is", async () => {
  await (await page.find("nav a", { text: "Run" })).click();
  await (await page.find("button", { text: "Folder on this computer" })).click();
  await focus(DIALOG);
  await press("Escape");
  await gone(DIALOG);
  await page.find("button", { text: "Folder on this computer" });
  await page.field("Git repository");
});
