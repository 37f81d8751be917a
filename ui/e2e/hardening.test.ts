// What the page must hold against: hostile names, odd browsers, and its own weight.
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { agent, HOSTILE, row, run, runAgent, runId, series, spec, summary, T0 } from "@/testing/fixtures";
import { app, complaints, controller, isThere, page, url, withScene } from "./scene";
import { liveRun } from "./screens/fleet";
import { TOKEN } from "./server";

withScene();

test("hostile names run nothing and hide nothing", async () => {
  const [image = "", script = "", separator = "", bidi = "", link = "", template = ""] = HOSTILE;
  const failure = {
    code: "build-failed" as const,
    phase: script,
    message: image,
    hint: template,
    detail: `${script}\n${bidi}`,
  };
  controller.info = {
    ...controller.info,
    name: image,
    warnings: [script, bidi],
    addresses: [`${image}:7410`],
  };
  controller.agents = [
    agent(1, { name: image, group: script, step: bidi, address: link, version: template }),
    agent(2, { name: script, trust: "pending", remark: image, machine: { ...agent(2).machine, os: image } }),
    agent(3, { name: separator, phase: "error", failure }),
  ];
  controller.doctor = [{ name: image, status: "fail", value: script, hint: template }];
  const hostileSpec = {
    ...spec,
    source: { url: link, reference: image },
    description: script,
    parameters: [{ name: image, value: script }],
  };
  controller.runs = [
    liveRun({
      simulation: image,
      spec: hostileSpec,
      notes: [script],
      failures: [{ agent: image, failure }],
      agents: [runAgent(0, { name: image, step: script, failure })],
    }),
    run(8, { simulation: script, spec: hostileSpec, notes: [image], failures: [{ agent: bidi, failure }] }),
  ];
  controller.summaries = {
    [runId(8)]: summary(8, {
      agents: [
        { name: image, peer: agent(1).id, total: 1, ok: 1, ko: 0, start_offset_ms: 0, unfinished_users: 0 },
      ],
      rows: [
        row("all", [], 9, 1, 10),
        ...HOSTILE.flatMap((name) => [row("group", [name], 2, 0, 5), row("request", [name, image], 2, 0, 5)]),
      ],
      errors: HOSTILE.map((message) => ({ message, count: 1, percent: 16.7 })),
      assertions: HOSTILE.map((text) => ({ text, holds: false, undecided: false, actual: 1, note: text })),
      notes: [...HOSTILE],
    }),
  };
  await app.open(url, TOKEN);
  await app.agents().row("line\\u{2028}separator").waitFor();
  await page.getByRole("button", { name: /Actions for line/ }).click();
  await page.getByRole("menuitem", { name: "Run doctor" }).click();
  await page.getByRole("dialog").getByText("FAIL", { exact: true }).waitFor();
  await page.goto(`${url}/#/runs/${runId(9)}`);
  await app.run().state("Running").waitFor();
  await page.goto(`${url}/#/runs/${runId(8)}`);
  await app.run().requestRow("\\u{202e}gnp.exe").waitFor();
  await page.getByRole("button", { name: "Show output" }).click();
  await page.goto(`${url}/#/run`);
  await isThere("New run");
  expect(await page.evaluate(() => (window as { __ran?: number }).__ran)).toBeUndefined();
  expect(await page.locator('img[src="x"], a[href^="javascript:"]').count()).toBe(0);
  expect(complaints.all).toEqual([]);
});

test.each(["C", "POSIX", "c.UTF-8"])("draws the chart where navigator.language is %s", async (language) => {
  await page.addInitScript((value) => {
    Object.defineProperty(navigator, "language", { configurable: true, get: () => value });
    Object.defineProperty(navigator, "languages", { configurable: true, get: () => [value] });
  }, language);
  controller.runs = [run(8)];
  controller.summaries = { [runId(8)]: summary(8) };
  controller.series = { [runId(8)]: series(60) };
  await app.open(url, TOKEN, `/runs/${runId(8)}`);
  await page.locator("canvas").first().waitFor();
  expect(complaints.all).toEqual([]);
});

test("the first screen needs no more than 250 KB of script", async () => {
  controller.agents = [
    agent(1, { lease: { controller: "x", controller_name: "y", run: runId(9), since_ms: T0 } }),
  ];
  const sizes = new Map<string, number>();
  page.on("response", async (response) => {
    if (response.url().endsWith(".js")) sizes.set(response.url(), gzipSync(await response.body()).length);
  });
  await app.open(url, TOKEN);
  await app.agents().row("lab-1").waitFor();
  await page.waitForLoadState("networkidle", { timeout: 1_000 }).catch(() => {});
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  process.stdout.write(
    `First screen: ${Math.round(total / 1024)} KB of script, gzip, in ${sizes.size} files\n`,
  );
  expect(total).toBeLessThan(250 * 1024);
  expect([...sizes.keys()].some((name) => name.includes("uPlot"))).toBe(false);
});

test("works where the built-in prototypes are frozen, as in the window", async () => {
  await page.addInitScript(() => Object.freeze(Object.prototype));
  controller.agents = [agent(1), agent(2)];
  controller.runs = [run(8)];
  controller.summaries = { [runId(8)]: summary(8) };
  controller.series = { [runId(8)]: series(60) };
  await app.open(url, TOKEN, `/runs/${runId(8)}`);
  await page.locator("canvas").first().waitFor();
  await app.run().rerun();
  await app.runForm().start();
  await expect.poll(() => controller.started.length).toBe(1);
  expect(complaints.all).toEqual([]);
});

test("asks no other origin for anything", async () => {
  const foreign: string[] = [];
  page.on("request", (request) => {
    const address = request.url();
    if (!address.startsWith(url) && !address.startsWith("data:") && !address.startsWith("blob:"))
      foreign.push(address);
  });
  controller.runs = [run(8)];
  controller.summaries = { [runId(8)]: summary(8) };
  await app.open(url, TOKEN);
  await page.goto(`${url}/#/runs/${runId(8)}`);
  await app.run().requestRow("Payment").waitFor();
  expect(foreign).toEqual([]);
});
