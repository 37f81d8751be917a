// The page in Debian's Chromium, served by a real controller: a run on two agents, from form to result.
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Place, root } from "../harness/place.mjs";

// The browser's driver is one of the user interface's tools.
const { chromium } = createRequire(join(root, "ui", "package.json"))("playwright-core");

const artifacts = join(root, "target", "test", "e2e");
const place = new Place("page", artifacts);
let page;

before(async () => {
  await place.settle();
  place.start("bfgg", ["serve"]);
  const browser = await chromium.launch({
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

test("the page starts a run on two agents and shows its result", { timeout: 300_000 }, async () => {
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  const { url, token } = await place.controller();
  const [repository, shop] = [await place.repository(), await place.shop()];
  await page.goto(`${url}/#token=${token}&/agents`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  assert.ok(!page.url().includes(token), "the token does not stay in the address bar");
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
  // The page hears of the end a moment after the API tells it.
  await row.getByRole("cell").nth(2).waitFor();
  const cells = await row.getByRole("cell").allTextContents();
  const shown = cells.slice(0, 3).map((cell) => Number(cell.replaceAll(/[^0-9]/g, "")));
  assert.deepEqual(shown, [all.total, all.ok, all.ko]);
  // Some seconds of it alone: the table counts what the chart shows of them.
  const over = page.getByRole("slider", { name: "Requests per second" }).locator(".u-over");
  await over.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await over.boundingBox();
  await page.mouse.move(x + width * 0.1, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width * 0.3, y + height / 2, { steps: 5 });
  await page.mouse.up();
  const said = await page.getByText(/^Showing \d/).textContent();
  const [from, until] = [...said.matchAll(/(\d+):(\d\d)/g)].map(([, m, s]) => Number(m) * 60 + Number(s));
  await page.getByText("counted in the agents' logs").waitFor();
  const { seconds } = await place.api("GET", `/runs/${id}/series`);
  const chosen = seconds.filter(({ second }) => second >= from && second < until);
  const sum = (name) => chosen.reduce((total, one) => total + one[name], 0);
  const part = (await row.getByRole("cell").allTextContents()).slice(1, 3);
  assert.deepEqual(
    part.map((cell) => Number(cell.replaceAll(/[^0-9]/g, ""))),
    [sum("ok"), sum("ko")],
    said,
  );
  await page.screenshot({ path: join(artifacts, "page-result.png"), fullPage: true });
  assert.deepEqual(complaints, []);
});
