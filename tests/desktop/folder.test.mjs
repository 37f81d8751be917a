// A folder on this computer, chosen in the system's dialog, as what a run is made of.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { until } from "../harness/wait.mjs";
import { artifacts, Desktop } from "./harness/desktop.mjs";
import { focus, gone, press, type, windows } from "./harness/keyboard.mjs";

const DIALOG = "Folder of the project";

let desktop;
let page;

before(async () => {
  desktop = await Desktop.open("folder");
  page = await desktop.window();
  await page.find("main");
});
after(() => desktop?.close());

/** Opens the dialog and chooses a folder by its path. */
async function choose(button, path) {
  await (await page.find("button", { text: button })).click();
  await focus(DIALOG);
  await type(path);
  // The first one may only take the path over from the list of those that begin alike.
  await until("the end of the dialog", async () => {
    if ((await windows(DIALOG)).length === 0) return true;
    await press("Return");
    return false;
  });
}

const source = async (expected) =>
  until(`"${expected}" as the source`, async () =>
    (
      await page.run(
        `return [...document.querySelectorAll("main input[readonly]")].map((field) => field.value)`,
      )
    ).includes(expected),
  );

test("a folder is sent, and again after a change", async () => {
  const shop = join(desktop.folder, "shop-tests");
  await mkdir(shop);
  await writeFile(join(shop, "pom.xml"), "<project/>");
  await writeFile(join(shop, "App.java"), "class App {}");
  await promisify(execFile)("git", ["init", "--quiet"], { cwd: shop });
  await (await page.find("nav a", { text: "Run" })).click();
  await choose("Folder on this computer", shop);
  await source("folder shop-tests, not committed");
  await page.find("main", { text: "2 files, 22 B; 22 B sent now." });
  await page.screenshot(join(artifacts, "folder.png"));
  const draft = () => page.run(`return JSON.parse(localStorage.getItem("bfgg.run-form")).snapshot`);
  const first = await until("the snapshot", draft);
  const state = await desktop.api("GET", `/sources/${first.id}`);
  assert.deepEqual([state.files, state.missing], [2, []], "the controller has it");

  await writeFile(join(shop, "App.java"), "class App { int x; }");
  await (await page.find("button", { text: "Send it again as it is now" })).click();
  const second = await until("another snapshot", async () => {
    const snapshot = await draft();
    return snapshot.id !== first.id && snapshot;
  });
  assert.deepEqual((await desktop.api("GET", `/sources/${second.id}`)).missing, []);
});

test("what cannot be sent is said", async () => {
  const empty = join(desktop.folder, "nothing-here");
  await mkdir(empty);
  await choose("Another folder", empty);
  await page.find("[role=alert]", { text: "nothing-here" });
  // Nothing is chosen: all stays as it is.
  await (await page.find("button", { text: "Another folder" })).click();
  await focus(DIALOG);
  await press("Escape");
  await gone(DIALOG);
  await source("folder shop-tests, not committed");
});

test("the page cannot name a folder", async () => {
  const refused = await page.run(`
    try { await window.__TAURI_INTERNALS__.invoke("plugin:dialog|open", { options: { directory: true } }); return null }
    catch (error) { return String(error) }`);
  assert.match(String(refused), /not allowed/);
});
