import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/** Debian's Chromium, or the one named by BFGG_CHROMIUM. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.BFGG_CHROMIUM ?? "/usr/bin/chromium",
    // Chromium refuses its sandbox to root, which CI is.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
}

/** Errors and warnings of a page: thrown, logged, or refused by its Content-Security-Policy. */
export interface Complaints {
  all: string[];
}

/** A page that notes everything its console complains of. */
export async function newPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; complaints: Complaints }> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    locale: "en-GB",
    timezoneId: "UTC",
    ...options,
  });
  const page = await context.newPage();
  const complaints: Complaints = { all: [] };
  page.on("pageerror", (error) => complaints.all.push(String(error)));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.all.push(message.text());
  });
  return { page, complaints };
}

let folder = process.env.BFGG_SCREENSHOTS;

/** Where screenshots go: BFGG_SCREENSHOTS, else a fresh temporary folder. */
export function screenshots(): string {
  folder ??= mkdtempSync(join(tmpdir(), "bfgg-screens-"));
  mkdirSync(folder, { recursive: true });
  return folder;
}

export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(screenshots(), `${name}.png`), animations: "disabled" });
}

/** What axe finds, a line per finding; empty is good. */
export async function axe(page: Page, except: string[] = []): Promise<string[]> {
  // Of pages without frames the other mode finds the same, with one more page for each.
  const result = await new AxeBuilder({ page }).setLegacyMode().disableRules(except).analyze();
  return result.violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}: ${node.html.slice(0, 160)}`),
  );
}
