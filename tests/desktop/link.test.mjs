// bfgg:// links fill in the run form, and nothing else.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { binaries, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";
import { artifacts, Desktop } from "./harness/desktop.mjs";
import { minimize, windows } from "./harness/keyboard.mjs";

const LINK =
  "bfgg://run?url=https%3A%2F%2Fgit.example%2Fshop.git&ref=main&simulation=example.Shop&param=users=100&divide=users";

let desktop;
let page;

before(async () => {
  desktop = await Desktop.open("link");
  page = await desktop.window([LINK]);
});
after(() => desktop?.close());

const filledIn = (label, value) =>
  until(`"${value}" in "${label}"`, async () => {
    const field = await page.field(label);
    return (await field.property("value")) === value;
  });

async function nothingStarted() {
  assert.deepEqual(await desktop.api("GET", "/runs"), []);
}

test("a link starts the app with the form filled in, and nothing is started", async () => {
  await page.find("h1", { text: "New run" });
  await filledIn("Git repository", "https://git.example/shop.git");
  await filledIn("Branch, tag or commit", "main");
  await filledIn("Simulation", "example.Shop");
  const name = await page.find('[aria-label="Name of parameter 1"]');
  const value = await page.find('[aria-label="Value of parameter 1"]');
  assert.deepEqual([await name.property("value"), await value.property("value")], ["users", "100"]);
  await page.find("main", { text: "Nothing has been started" });
  await page.screenshot(join(artifacts, "link.png"));
  assert.match(await page.url(), /#\/run$/, "the link is still in the address");
  await nothingStarted();
});

test("with the app running a link shows its window; what was typed can be taken back", async () => {
  await (await page.field("Git repository")).type("https://git.example/typed.git");
  const { pid } = await desktop.controller();
  await minimize("BFG-G$");
  const second = desktop.start("bfgg-desktop", ["bfgg://run/?url=ssh://git@git.example/other.git&start=now"]);
  assert.deepEqual(await second.exited, { code: 0, signal: null });
  assert.equal((await desktop.controller()).pid, pid);
  await filledIn("Git repository", "ssh://git@git.example/other.git");
  await page.find("main li", { text: "“start” is no field of this form." });
  await until("the window", async () => (await windows("BFG-G$")).length > 0);
  await nothingStarted();
  await (await page.find("button", { text: "Take back what was there" })).click();
  await filledIn("Git repository", "https://git.example/typed.git");
});

test("the package's entry in the menu passes a link on", async () => {
  const template = await readFile(join(root, "src-tauri", "bfgg-desktop.desktop"), "utf8");
  assert.match(template, /^MimeType=x-scheme-handler\/bfgg;$/m);
  const entry = join(desktop.folder, "bfgg.desktop");
  const filled = template
    .replaceAll("{{exec}}", join(binaries, "bfgg-desktop"))
    .replaceAll(/^\{\{.*\}\}\n/gm, "")
    .replaceAll(/\{\{\w+\}\}/g, "BFG-G");
  await writeFile(entry, filled);
  const env = { ...process.env, ...desktop.environment() };
  await promisify(execFile)("gio", ["launch", entry, "bfgg://run?url=https://git.example/menu.git"], { env });
  await filledIn("Git repository", "https://git.example/menu.git");
  await nothingStarted();
});

test("hostile links are text, or nothing", async () => {
  const second = async (link) =>
    assert.deepEqual(await desktop.start("bfgg-desktop", [link]).exited, { code: 0, signal: null });
  const hash = await page.run("return location.hash");
  for (const link of [
    "bfgg://runs/../..",
    "javascript:alert(1)",
    "https://example.org/",
    `bfgg://run?url=${"x".repeat(10_000)}`,
  ]) {
    await second(link);
    assert.equal(await page.run("return location.hash"), hash, link.slice(0, 60));
  }
  await second(
    "bfgg://run?description=<img src=x onerror=document.title=1>&url=--upload-pack=x&simulation=a%0Ab&param=db.password=x",
  );
  await filledIn("Description of the run", "<img src=x onerror=document.title=1>");
  await filledIn("Git repository", "--upload-pack=x");
  await filledIn("Simulation", "");
  await page.find("main", { text: "A repository's address does not start with “-”." });
  await page.find("main li", { text: "“db.password” names a secret." });
  assert.equal((await page.findAll("main img")).length, 0);
  assert.match(await page.title(), /BFG-G$/);
  await nothingStarted();
});
