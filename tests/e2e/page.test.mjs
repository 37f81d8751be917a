// The page in Debian's Chromium, served by a real controller: a run on two agents, from form to result.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";

// The browser's driver is one of the user interface's tools.
const { chromium } = createRequire(join(root, "ui", "package.json"))("playwright-core");

const artifacts = join(root, "target", "test", "e2e");
const place = new Place("page", artifacts);
let browser;
let page;

before(async () => {
  await place.settle();
  place.start("bfgg", ["serve"]);
  browser = await chromium.launch({
    executablePath: process.env.BFGG_CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--no-first-run",
    ],
  });
  place.closing.push(() => browser.close());
  page = await browser.newPage();
});
after(() => place.close());

test("the page starts a run on two agents, shows its result, and saves it as a test", {
  timeout: 300_000,
}, async () => {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  const link = await place.api("POST", "/login-links", {});
  const [repository, shop] = [await place.repository(), await place.shop()];
  await page.goto(`${link.urls[0]}&/agents`);
  await page.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
  assert.ok(!page.url().includes("code="), "the code does not stay in the address bar");
  for (const name of ["lab-1", "lab-2"]) await place.agent(name);
  for (const name of ["lab-1", "lab-2"]) await page.getByRole("row", { name }).first().waitFor();
  await place.available(2);

  await page.getByRole("navigation").getByRole("link", { name: "Run", exact: true }).click();
  await page.getByLabel("Git repository").fill(repository);
  await page.getByLabel("Simulation").first().fill("example.ShopSimulation");
  const parameters = { users: "12", duration: "4", baseUrl: shop };
  for (const [index, [name, value]] of Object.entries(parameters).entries()) {
    await page.getByRole("button", { name: "Add parameter" }).click();
    await page.getByLabel(`Name of parameter ${index + 1}`).fill(name);
    await page.getByLabel(`Value of parameter ${index + 1}`).fill(value);
  }
  await page.getByRole("button", { name: "Start on 2 agents" }).click();
  await page.waitForURL(/#\/runs\/[0-9a-f-]{36}$/);
  const id = page.url().slice(-36);
  // What git, Maven or Gatling prints is there as it comes.
  const printed = page.getByRole("log").getByText(/^\[bfgg\] git fetch|elapsed$/);
  await printed.first().waitFor({ timeout: 120_000 });
  const run = await place.ended(id);
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));

  const summary = await place.api("GET", `/runs/${id}/summary`);
  const all = summary.rows.find((row) => row.kind === "all");
  const row = page.getByRole("row", { name: /All requests/ }).first();
  // Until the result is there, the page has the figures of the run as it went on.
  const counts = [all.total, all.ok, all.ko];
  await until(`the counts ${counts}`, async () => {
    const cells = await row.getByRole("cell").allTextContents();
    const shown = cells.slice(0, 3).map((cell) => Number(cell.replaceAll(/[^0-9]/g, "")));
    return isDeepStrictEqual(shown, counts);
  });
  // Some seconds of it alone: the table counts what the chart shows of them.
  const over = page.getByRole("slider", { name: "Requests per second" }).locator(".u-over");
  await over.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await over.boundingBox();
  await page.mouse.move(x + width * 0.1, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.3, y + height / 2, { steps: 5 });
  await page.mouse.up();
  const said = await page.getByText(/^Showing \d/).textContent();
  const [from, to] = [...said.matchAll(/(\d+):(\d\d)/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  await page.getByText("counted in the agents' logs").waitFor();
  const { seconds } = await place.api("GET", `/runs/${id}/series`);
  const chosen = seconds.filter(({ second }) => second >= from && second < to);
  const sum = (name) => chosen.reduce((total, one) => total + one[name], 0);
  const part = (await row.getByRole("cell").allTextContents()).slice(1, 3);
  assert.deepEqual(
    part.map((cell) => Number(cell.replaceAll(/[^0-9]/g, ""))),
    [sum("ok"), sum("ko")],
    said,
  );
  await page.screenshot({ path: join(artifacts, "page-result.png"), fullPage: true });

  // It is saved as a test with a secret, which is told to the agents alone.
  await page.getByRole("link", { name: "Save as test" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Shop");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.waitForURL(/#\/tests\/[0-9a-f-]{36}$/);
  // The address is the test's a moment before its editor is there.
  await page.getByRole("heading", { level: 1, name: "Shop", exact: true }).waitFor();
  await page.getByRole("button", { name: "Add parameter" }).click();
  await page.getByLabel("Name of parameter 4").fill("login");
  await page.getByLabel("Keep parameter 4 secret").check();
  await page.getByLabel("Value of parameter 4").fill("hunter22");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page
    .getByRole("status")
    .getByText(/^Saved/)
    .waitFor();
  await page.reload();
  await page.getByPlaceholder("••• kept").waitFor();
  await page.getByRole("button", { name: "Start on 2 agents" }).click();
  await page.waitForURL(/#\/runs\/[0-9a-f-]{36}$/);
  const again = await place.ended(page.url().slice(-36));
  assert.equal(again.state, "finished", JSON.stringify(again.failures, null, 2));
  assert.equal(again.test.name, "Shop");
  const own = again.spec.parameters.find(({ name }) => name === "login");
  assert.deepEqual(own, { name: "login", value: "•••", secret: true });
  const found = await filesWith(place.folder, "hunter22");
  assert.deepEqual(
    found.map((file) => basename(file)),
    ["secrets.json"],
    "it is kept in one place",
  );

  // The list has its last run and figures.
  await page.keyboard.press("g");
  await page.keyboard.press("t");
  const listed = page.getByRole("row", { name: /Shop/ });
  await listed.getByText("Finished").waitFor();
  await listed.getByRole("img", { name: /^p95 of the last 1 runs/ }).waitFor();
  await page.screenshot({ path: join(artifacts, "page-tests.png"), fullPage: true });
  assert.deepEqual(complaints, []);
});

test("a login link lets one browser in, once; it stays in until it is logged out", async () => {
  const link = await place.api("POST", "/login-links", { rights: "read" });
  const open = async (address) => {
    const context = await browser.newContext();
    const other = await context.newPage();
    await other.goto(address);
    return other;
  };
  const guest = await open(link.urls[0]);
  await guest.getByRole("heading", { level: 1, name: "Agents" }).waitFor();
  const late = await open(link.urls[0]);
  await late.getByText("This login link was used, or is too old.").waitFor();

  await guest.reload();
  await guest.getByRole("navigation").getByRole("link", { name: "Settings" }).click();
  await guest.getByText("You may look, and change nothing.").waitFor();
  assert.equal(
    await guest.getByRole("navigation").getByRole("link", { name: "Run", exact: true }).count(),
    0,
  );
  await guest.getByRole("button", { name: "Log out" }).click();
  await guest.getByText("This browser has not been let in yet.").waitFor();

  // What it is given there lets it in as well.
  const { token } = await place.controller();
  await guest.getByLabel("Login link or API token").fill(token);
  await guest.getByRole("button", { name: "Open" }).click();
  await guest.getByRole("button", { name: "Make a link" }).waitFor();
});

/** Files below a folder that hold a text. */
async function filesWith(folder, text) {
  const found = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && (await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}
