// Prints how large a report's page is and how long Chromium takes to open it: from the start of the
// navigation to the load event, by which the charts are drawn, and to the first picture after it. The
// argument is report.html; ends with 0 and a word where there is no Chromium.
import { existsSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const TIMES = 5;
const [file] = process.argv.slice(2);
const chromium = process.env.BFGG_CHROMIUM ?? "/usr/bin/chromium";
const ui = new URL("../ui/package.json", import.meta.url);
if (!existsSync(chromium) || !existsSync(new URL("node_modules/playwright-core", ui))) {
  console.log("Opening the report was not timed: there is no Chromium, or `npm ci` was not run in ui.");
  process.exit(0);
}

const playwright = createRequire(ui)("playwright-core");
const browser = await playwright.chromium.launch({
  executablePath: chromium,
  args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
});
const results = [];
for (let i = 0; i < TIMES; i++) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 } });
  const page = await context.newPage();
  await page.goto(pathToFileURL(file).href, { waitUntil: "load" });
  results.push(
    await page.evaluate(async () => {
      const { loadEventEnd } = performance.getEntriesByType("navigation")[0];
      await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
      const charts = document.querySelectorAll("#charts-grid svg").length;
      return { loaded: loadEventEnd, shown: performance.now(), charts };
    }),
  );
  await context.close();
}
await browser.close();

results.sort((a, b) => a.shown - b.shown);
const { loaded, shown, charts } = results[Math.floor(TIMES / 2)];
const megabytes = (statSync(file).size / 1e6).toFixed(2);
console.log(
  `report.html: ${megabytes} MB, ${charts} charts; loaded after ${Math.round(loaded)} ms, ` +
    `shown after ${Math.round(shown)} ms (median of ${TIMES})`,
);
