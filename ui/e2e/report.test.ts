// The report that `bfgg report` writes, opened from the disk as its readers do.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOSTILE } from "@/testing/fixtures";
import { axe, type Complaints, launch, newPage, shoot } from "./browser";

const ROOT = new URL("../../", import.meta.url).pathname;
const BFGG = join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/bfgg");
const SAMPLES = join(ROOT, "crates/gatling-log/tests/samples");

let browser: Browser;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bfgg-report-"));
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Reports on logs; the page's address. */
function report(name: string, logs: string[]): string {
  const out = join(folder, name);
  mkdirSync(out);
  const settings = join(out, "bfgg.toml");
  writeFileSync(settings, "");
  // Settings of the tests are none of the program's.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !key.startsWith("BFGG_")));
  try {
    execFileSync(BFGG, ["--config", settings, "report", ...logs, "--out", out], { stdio: "pipe", env });
  } catch (error) {
    // Assertions of the samples fail, and logs may be cut: the report is there all the same.
    const { status, stderr } = error as { status: number; stderr: Buffer };
    if (![2, 3, 13, 14].includes(status)) throw new Error(`bfgg report: ${status}: ${stderr}`);
  }
  return pathToFileURL(join(out, "report.html")).href;
}

/** A text log, as Gatling 3.12 writes it, in which all has these names. */
function logOf(name: string, names: readonly string[]): string {
  const start = 1_750_000_000_000;
  const lines = [`RUN\t${names.join(" ")}\tid\t${start}\t${names.join(" ")}\t3.12.0`];
  names.forEach((own, i) => {
    const at = start + 500 * i;
    lines.push(`USER\t${own}\tSTART\t${at}`);
    lines.push(`REQUEST\t\t${own}\t${at}\t${at + 40 + i}\tOK\t `);
    lines.push(`REQUEST\t${own}\t${own}\t${at}\t${at + 90 + i}\tKO\t${own}`);
    lines.push(`GROUP\t${own}\t${at}\t${at + 200}\t90\tKO`);
    lines.push(`ERROR\t${own}\t${at}`);
    if (i % 2 === 0) lines.push(`USER\t${own}\tEND\t${at + 300}`);
  });
  const path = join(folder, `${name}.log`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

interface Opened {
  page: Page;
  complaints: Complaints;
  /** Addresses that the page asked for, itself apart. */
  asked: string[];
}

async function open(address: string, options: Parameters<typeof newPage>[1] = {}): Promise<Opened> {
  const { page, complaints } = await newPage(browser, options);
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url() !== address) asked.push(request.url());
  });
  await page.goto(address);
  await expect.poll(() => page.locator("#charts-grid > figure").count()).toBe(6);
  return { page, complaints, asked };
}

/** How many shapes each chart has, axes apart. */
const shapes = (page: Page) =>
  page.locator("#charts-grid figure").evaluateAll((figures) =>
    figures.map((figure) => {
      const drawn = [...figure.querySelectorAll("path, rect")];
      return drawn.filter((own) => own.getBoundingClientRect().width > 0).length;
    }),
  );

describe.each([
  ["a run of two agents", () => ["3.16.0-agent1", "3.16.0-agent2"].map((name) => join(SAMPLES, name))],
  ["names that attack", () => [logOf("hostile", HOSTILE)]],
  ["one that only failed", () => [onlyFailed()]],
])("%s", (name, logs) => {
  let address: string;
  beforeAll(() => {
    address = report(name, logs());
  });

  test.each(["light", "dark"] as const)("has no finding in the %s theme", async (colorScheme) => {
    const { page, complaints, asked } = await open(address, { colorScheme });
    await page.locator("button.open").first().click();
    await page.locator("#charts-grid details summary").first().click();
    expect(await axe(page)).toEqual([]);
    expect(await page.evaluate(() => (window as unknown as { __ran?: number }).__ran)).toBeUndefined();
    await shoot(page, `report-${name.replaceAll(" ", "-")}-${colorScheme}`);
    expect(complaints.all).toEqual([]);
    expect(asked).toEqual([]);
    await page.context().close();
  });

  test("draws its charts, also on a narrow page and on paper", async () => {
    const { page, complaints } = await open(address);
    const empty = await page.locator("#charts-grid").getByText("Nothing to show.").count();
    expect((await shapes(page)).filter((count) => count > 0).length).toBe(6 - empty);
    await page.setViewportSize({ width: 400, height: 800 });
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(width).toBe(400);
    await page.emulateMedia({ media: "print" });
    expect((await shapes(page)).filter((count) => count > 0).length).toBe(6 - empty);
    expect((await page.pdf()).length).toBeGreaterThan(10_000);
    expect(complaints.all).toEqual([]);
    await page.context().close();
  });
});

function onlyFailed(): string {
  const start = 1_750_000_000_000;
  const lines = [`RUN\tdemo.Failing\tid\t${start}\t \t3.12.0`, `USER\tall\tSTART\t${start}`];
  for (let i = 0; i < 5; i++) {
    const at = start + i * 1000;
    lines.push(`REQUEST\t\tpay\t${at}\t${at + 30}\tKO\tstatus.find.is(200), found 500`);
  }
  const path = join(folder, "failed.log");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

test("names stand on the page as they are", async () => {
  const { page } = await open(report("named", [logOf("named", HOSTILE)]));
  const table = page.locator("#figures");
  for (const name of HOSTILE) {
    const shown = name.replace(/[\u2028\u2029\u202e]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`);
    expect(await table.getByText(shown, { exact: true }).count(), shown).toBe(3);
  }
  expect(await page.locator("img, iframe, a[href^='javascript']").count()).toBe(0);
  await page.context().close();
});

test("the keyboard reaches rows, groups, columns and charts", async () => {
  const address = report("keys", [join(SAMPLES, "3.16.0")]);
  const { page, complaints } = await open(address);
  const rows = page.locator("#figures > tbody > tr:visible");
  const first = () => page.locator("#figures > tbody > tr .label").nth(1).textContent();
  const all = await rows.count();
  const before = await first();

  const fold = page.getByRole("button", { name: "Requests of this group" }).first();
  await fold.press("Enter");
  expect(await fold.getAttribute("aria-expanded")).toBe("false");
  expect(await rows.count()).toBeLessThan(all);
  await fold.press("Enter");
  expect(await rows.count()).toBe(all);

  const head = page.locator("#figures th", { has: page.getByRole("button", { name: "Total" }) });
  await head.getByRole("button").press("Enter");
  expect(await head.getAttribute("aria-sort")).toBe("descending");
  const totals = await page
    .locator("#figures > tbody > tr[data-depth='0'] > td:nth-child(2)")
    .allTextContents();
  const top = totals.slice(1).map((text) => Number(text.replaceAll("\u202f", "")));
  expect(top).toEqual(top.toSorted((a, b) => b - a));
  await head.getByRole("button").press("Enter");
  expect(await head.getAttribute("aria-sort")).toBe("ascending");
  await head.getByRole("button").press("Enter");
  expect(await first()).toBe(before);

  const row = page.getByRole("button", { name: "home", exact: true });
  await row.press("Enter");
  expect(await row.getAttribute("aria-expanded")).toBe("true");
  expect(await page.locator("tr.detail figure").count()).toBe(6);
  await row.press("Enter");
  expect(await page.locator("tr.detail").count()).toBe(0);

  const chart = page.getByRole("img", { name: /^Requests\/s/ });
  await chart.focus();
  // The first column is only partly of the run.
  await chart.press("ArrowRight");
  await chart.press("ArrowRight");
  const tip = page.locator("#charts-grid .tip:visible");
  expect(await tip.textContent()).toMatch(/^0:01 · \d\d:\d\d:\d\d UTCOK\d+\/sKO\d+\/s$/);
  await chart.press("Escape");
  expect(await tip.count()).toBe(0);

  const max = page.getByRole("button", { name: "Max", exact: true }).last();
  expect(await max.getAttribute("aria-pressed")).toBe("false");
  await max.press("Enter");
  expect(await max.getAttribute("aria-pressed")).toBe("true");
  expect(complaints.all).toEqual([]);
  await page.context().close();
});

test("five hundred requests are found by name", async () => {
  const names = Array.from({ length: 500 }, (_, i) => `request ${i} of a shop with long names of pages`);
  const address = report("many", [logOf("many", names)]);
  expect(statSync(new URL(address)).size).toBeLessThan(2_000_000);
  const { page, complaints } = await open(address);
  const rows = page.locator("#figures > tbody > tr:visible");
  await expect.poll(() => rows.count()).toBe(1501);
  await page.getByRole("searchbox", { name: "Find a request" }).fill("Request 77 ");
  // The group, the request in it, and the one outside.
  expect(await rows.count()).toBe(3);
  await page.getByRole("searchbox", { name: "Find a request" }).fill("");
  expect(await rows.count()).toBe(1501);
  expect(complaints.all).toEqual([]);
  await page.context().close();
});

/** A text log of a run of 8.3 s that begins 0.7 s into a second, with 10 requests/s. */
function steadyLog(): string {
  const start = 1_750_000_000_700;
  const lines = [`RUN\tdemo.Steady\tid\t${start}\t \t3.12.0`, `USER\tall\tSTART\t${start}`];
  for (let at = start; at < start + 8300; at += 100) {
    lines.push(`REQUEST\t\thome\t${at}\t${at + 90}\tOK\t `);
  }
  lines.push(`USER\tall\tEND\t${start + 8300}`);
  const path = join(folder, "steady.log");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

test("rates do not fall where a part of a second is left, and users are whole", async () => {
  const { page } = await open(report("steady", [steadyLog()]));
  const rates = page.locator("figure", { has: page.getByRole("img", { name: /^Requests\/s/ }) });
  await rates.locator("summary").click();
  // 0.3 s of the first second are too few to tell, and of the last one it has nothing.
  const values = await rates.locator("tbody td:nth-child(2)").allTextContents();
  expect(values).toEqual(["–", ...Array(8).fill("10"), "–"]);
  const users = page.locator("figure", { has: page.getByRole("img", { name: /^Active users/ }) });
  expect(await users.locator("svg text[text-anchor=end]").allTextContents()).toEqual(["0", "1", "users"]);
  const bars = await page.getByText(/^Share of all by response time/).textContent();
  expect(bars).toBe("Share of all by response time, in bars of 1 ms.");
  // One log has no other to be steady with, and no word of agents.
  expect(await page.locator(".tiles").getByText("Steady requests/s").count()).toBe(0);
  expect(await page.getByText(/agent/i).count()).toBe(0);
  await page.context().close();
});

test("a run within a second shows its points", async () => {
  const start = 1_750_000_000_100;
  const lines = [`RUN\tdemo.Short\tid\t${start}\t \t3.12.0`, `USER\tall\tSTART\t${start}`];
  lines.push(`REQUEST\t\thome\t${start}\t${start + 90}\tOK\t `, `USER\tall\tEND\t${start + 95}`);
  const path = join(folder, "short.log");
  writeFileSync(path, `${lines.join("\n")}\n`);
  const { page } = await open(report("short", [path]));
  const seen = await page.locator("#charts-grid figure").evaluateAll((figures) =>
    figures.map((figure) => {
      const points = [...figure.querySelectorAll("path.dots")];
      return points.map((own) => getComputedStyle(own).strokeLinecap);
    }),
  );
  // Users, sent, answered, the percentiles (the maximum is off at first), bars, load.
  expect(seen.map((points) => points.length)).toEqual([1, 2, 2, 5, 0, 1]);
  expect(new Set(seen.flat())).toEqual(new Set(["round"]));
  await page.context().close();
});

/** Names, numbers and times as large as they can be. */
function extremeLog(): string {
  const start = 1_750_000_000_000;
  const name = "a long name of a page ".repeat(230);
  const lines = [`RUN\tdemo.Extreme\tid\t${start}\t \t3.12.0`, `USER\tall\tSTART\t${start}`];
  lines.push(`REQUEST\tgroup\t${name}\t${start}\t${start + 2_147_483_647}\tOK\t `);
  lines.push(`GROUP\tgroup\t${start}\t${start + 2_147_483_647}\t2147483647\tOK`);
  lines.push(`REQUEST\t\thome\t${start}\t${start + 1500}\tKO\t${name}`);
  const path = join(folder, "extreme.log");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

test("nothing leaves its place", async () => {
  const { page, complaints } = await open(report("extreme", [extremeLog()]));
  const tiles = await page
    .locator(".tiles dd")
    .evaluateAll((all) =>
      all.filter((own) => own.scrollWidth > own.clientWidth).map((own) => own.textContent),
    );
  expect(tiles).toEqual([]);
  const exact = await page.locator(".tiles dd[title]").first().getAttribute("title");
  expect(exact?.replaceAll("\u202f", "")).toBe("2147483647 ms");

  const long = page.locator("#figures .long");
  const height = async () => (await long.boundingBox())?.height ?? 0;
  expect(await height()).toBeLessThan(80);
  expect((await long.getAttribute("title"))?.length).toBeGreaterThan(5000);
  await page.locator("#figures button.open", { has: page.locator(".long") }).focus();
  expect(await height()).toBeGreaterThan(200);

  // Each title ends where its numbers do.
  const off = await page.locator("#figures").evaluate((table) => {
    const right = (of: Node) => {
      const range = document.createRange();
      range.selectNodeContents(of);
      return range.getBoundingClientRect().right;
    };
    const heads = [...table.querySelectorAll("th[data-sort] button")].slice(1);
    const row = [...table.querySelectorAll("tbody tr.all td")];
    return heads.map((head, i) => Math.abs(right(head) - right(row[i] as Node)));
  });
  expect(off.length).toBe(13);
  expect(Math.max(...off)).toBeLessThan(1);

  // Nor do the numbers of the axes.
  const out = await page.locator("#charts-grid figure").evaluateAll((figures) =>
    figures.flatMap((figure) => {
      const { left } = figure.getBoundingClientRect();
      const labels = [...figure.querySelectorAll("svg text")];
      return labels.filter((own) => own.getBoundingClientRect().left < left).map((own) => own.textContent);
    }),
  );
  expect(out).toEqual([]);
  expect(complaints.all).toEqual([]);
  await page.context().close();
});

test("the tables of two agents fit on paper", async () => {
  const logs = ["3.16.0-agent1", "3.16.0-agent2"].map((name) => join(SAMPLES, name));
  const { page } = await open(report("paper", logs));
  await page.emulateMedia({ media: "print" });
  await page.setViewportSize({ width: 794, height: 1123 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(794);
  await page.context().close();
});
