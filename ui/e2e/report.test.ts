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
  await chart.press("ArrowRight");
  const tip = page.locator("#charts-grid .tip:visible");
  expect(await tip.textContent()).toMatch(/^0:00 · \d\d:\d\d:\d\d UTCOK\d+\/sKO\d+\/s$/);
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
