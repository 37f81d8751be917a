import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { until } from "../harness/wait.mjs";
import { artifacts, Desktop } from "./harness/desktop.mjs";

let desktop;
let page;

before(async () => {
  desktop = await Desktop.open("run");
  page = await desktop.window();
});
after(() => desktop?.close());

test("the window starts a run on two agents and shows its result", { timeout: 300_000 }, async () => {
  const [url, shop] = [await desktop.repository(), await desktop.shop()];
  for (const name of ["lab-1", "lab-2"]) await desktop.agent(name);
  for (const name of ["lab-1", "lab-2"]) await page.find("tbody tr", { text: name });
  await until("two agents that are available", async () => {
    const agents = await desktop.api("GET", "/agents");
    return agents.filter((agent) => agent.phase === "available").length === 2;
  });

  await (await page.find("nav a", { text: "Run" })).click();
  await (await page.field("Git repository")).type(url);
  await (await page.field("Simulation")).type("example.ShopSimulation");
  const parameters = { users: "12", duration: "4", baseUrl: shop };
  for (const [index, [name, value]] of Object.entries(parameters).entries()) {
    await (await page.find("button", { text: "Add parameter" })).click();
    await (await page.find(`[aria-label="Name of parameter ${index + 1}"]`)).type(name);
    await (await page.find(`[aria-label="Value of parameter ${index + 1}"]`)).type(value);
  }
  await page.screenshot(join(artifacts, "form.png"));
  await (await page.find("button[type=submit]", { text: "Start on 2 agents" })).click();

  const id = await until(
    "the run's page",
    async () => /#\/runs\/([0-9a-f-]{36})$/.exec(await page.url())?.[1],
  );
  const run = await until(
    "the end of the run",
    async () => {
      const run = await desktop.api("GET", `/runs/${id}`);
      return ["finished", "stopped", "partial", "failed"].includes(run.state) && run;
    },
    240,
  );
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));

  const summary = await desktop.api("GET", `/runs/${id}/summary`);
  const total = summary.rows.find((row) => row.kind === "all");
  assert.ok(total.total > 0);
  assert.deepEqual(summary.agents.map((agent) => agent.name).sort(), ["lab-1", "lab-2"]);
  await page.find("h1", { text: "ShopSimulation" });
  // Until the result is there, the page has the figures of the run as it went on.
  const counts = `
    const row = [...document.querySelectorAll("tr")].find((row) => row.textContent.includes("All requests"));
    return [...(row?.querySelectorAll("td") ?? [])].slice(0, 3).map((cell) => Number(cell.textContent.replaceAll(/[^0-9]/g, "")));`;
  const all = [total.total, total.ok, total.ko];
  await until(`the counts ${all}`, async () => isDeepStrictEqual(await page.run(counts), all));
  await page.screenshot(join(artifacts, "result.png"));
});
