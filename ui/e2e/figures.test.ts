// Charts and tables of a run: seconds are chosen, the view is held still, notes are pinned.
import { beforeEach, expect, test, vi } from "vitest";
import { HOSTILE, liveFigures, run, runId, series, summary, T0, tick } from "@/testing/fixtures";
import { app, complaints, controller, page, url, withScene } from "./scene";
import { TOKEN } from "./server";

// Many steps each, on machines that may have much else to do.
vi.setConfig({ testTimeout: 240_000 });
const STEP_MS = 60_000;
const poll = <T>(read: () => T) => expect.poll(read, { timeout: STEP_MS });

withScene();
beforeEach(() => page.setDefaultTimeout(STEP_MS));

async function openResult(part: Parameters<typeof run>[1] = {}): Promise<void> {
  controller.runs = [run(8, part)];
  controller.summaries = { [runId(8)]: summary(8) };
  controller.series = { [runId(8)]: series(600) };
  await app.open(url, TOKEN, `/runs/${runId(8)}`);
  await page.locator("canvas").nth(1).waitFor();
}

const times = () => page.getByRole("slider", { name: "Response times" });
const said = () => app.run().bar().getByRole("status").textContent();

/** The numbers of the first row: of all requests. */
async function total(): Promise<number> {
  const cells = app.run().requestRow("All requests").getByRole("cell");
  return Number((await cells.first().textContent())?.replaceAll(/\D/g, ""));
}

/** The seconds of "Showing 1:10 to 3:00, 110 s". */
function secondsOf(text: string | null): { from: number; until: number; length: number } {
  const found = /^Showing (\d+):(\d\d) to (\d+):(\d\d), (\d+) s$/.exec(text ?? "");
  const [a = 0, b = 0, c = 0, d = 0, length = 0] = found?.slice(1).map(Number) ?? [];
  return { from: a * 60 + b, until: c * 60 + d, length };
}

test("dragging over a chart zooms all of them and has the tables show these seconds alone", async () => {
  await openResult();
  const whole = await total();
  await app.run().drag(0.25, 0.5);
  await poll(said).toMatch(/^Showing 2:\d\d to \d:\d\d, \d+ s$/);
  const { from, until, length } = secondsOf(await said());
  expect(until - from).toBe(length);
  expect(Math.abs(from - 150)).toBeLessThan(4);
  expect(Math.abs(until - 300)).toBeLessThan(4);
  for (const chart of [app.run().chart(), times()]) {
    await poll(() => chart.getAttribute("aria-valuemin")).toBe(String(from));
    await poll(() => chart.getAttribute("aria-valuemax")).toBe(String(until - 1));
  }
  await page.getByText("Responses that ended in these seconds").waitFor();
  const share = (count = 0) => Math.round(count * (length / 600));
  const [all] = summary(8).rows;
  await poll(total).toBe(share(all?.ok) + share(all?.ko));
  await poll(() => page.getByText(/^2:\d\d to \d:\d\d, \d+ s only$/).count()).toBe(2);

  // Within these seconds others are chosen.
  await app.run().drag(0.1, 0.2);
  await poll(async () => secondsOf(await said()).length).toBeLessThan(20);
  const inner = secondsOf(await said());
  expect(inner.from).toBeGreaterThan(from);
  expect(inner.until).toBeLessThan(until);

  await app.run().bar().getByRole("button", { name: "Reset" }).click();
  await poll(total).toBe(whole);
  await poll(() => app.run().chart().getAttribute("aria-valuemax")).toBe("599");
  expect(complaints.all).toEqual([]);
});

test("seconds are chosen by keyboard, and read out", async () => {
  await openResult();
  const chart = app.run().chart();
  await chart.focus();
  await page.keyboard.press("Home");
  for (let press = 0; press < 7; press += 1) await page.keyboard.press("PageUp");
  await page.keyboard.press("Shift+PageUp");
  await page.keyboard.press("Shift+ArrowRight");
  const marked = "Marked: 1:10 to 1:22, 12 s. Enter shows it, Escape drops it.";
  await poll(said).toBe(marked);
  expect(await chart.getAttribute("aria-valuetext")).toContain(marked);
  await page.keyboard.press("Escape");
  await poll(said).toBe("");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Shift+ArrowLeft");
  await page.keyboard.press("Enter");
  await poll(said).toBe("Showing 1:19 to 1:22, 3 s");
  // The cursor stays within.
  await page.keyboard.press("Home");
  await poll(() => chart.getAttribute("aria-valuetext")).toMatch(/^1:19: /);
  await page.keyboard.press("ArrowLeft");
  await poll(() => chart.getAttribute("aria-valuetext")).toMatch(/^1:19: /);
  await page.keyboard.press("Escape");
  await poll(said).toBe("");
  await poll(() => chart.getAttribute("aria-valuemin")).toBe("0");
  expect(complaints.all).toEqual([]);
});

test("a note stands in all charts and below them, whatever it says", async () => {
  await openResult({ pinned: [{ id: 1, at_ms: T0 + 300_000, text: HOSTILE[0] }] });
  const chart = app.run().chart();
  await chart.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("PageUp");
  await page.keyboard.press("n");
  const dialog = page.getByRole("dialog");
  await poll(() => dialog.getByRole("textbox", { name: "At" }).inputValue()).toBe("0:10");
  await dialog.getByRole("textbox", { name: "At" }).fill("2:00");
  await dialog.getByRole("textbox", { name: "Note" }).fill("Cache emptied");
  await page.keyboard.press("Enter");
  const marks = page.getByRole("button", { name: "Note at 2:00: Cache emptied" });
  await poll(() => marks.count()).toBe(2);
  expect(controller.runs[0]?.pinned?.[0]?.at_ms).toBe(T0 + 120_000);
  await marks.first().hover();
  await page.getByRole("tooltip").filter({ hasText: "Cache emptied" }).waitFor();
  await page
    .getByRole("button", { name: `Note at 5:00: ${HOSTILE[0]}` })
    .first()
    .focus();
  await page.getByRole("tooltip").filter({ hasText: HOSTILE[0] }).waitFor();

  const list = page.getByRole("region", { name: "Pinned notes" });
  await poll(() => list.getByRole("listitem").count()).toBe(2);
  await marks.first().click();
  await dialog.getByRole("textbox", { name: "Note" }).fill("Cache warm again");
  await dialog.getByRole("button", { name: "Save" }).click();
  await list.getByText("Cache warm again").waitFor();
  await list.getByRole("button", { name: "Remove the note at 2:00" }).click();
  await dialog.getByRole("button", { name: "Remove", exact: true }).click();
  await poll(() => list.getByRole("listitem").count()).toBe(1);
  // Out of the seconds that are shown it has no mark.
  await app.run().drag(0.1, 0.2);
  await poll(() => page.getByRole("button", { name: /^Note at/ }).count()).toBe(0);
  expect(await page.evaluate(() => "__ran" in window)).toBe(false);
  expect(complaints.all).toEqual([]);
});

test("a view that is paused stands still, and has all that came once it goes on", async () => {
  controller.runs = [
    run(9, { state: "running", started_ms: Date.now() - 100_000, ended_ms: null, has_summary: false }),
  ];
  controller.ticks = { [runId(9)]: Array.from({ length: 100 }, (_, second) => tick(second)) };
  controller.figures = { [runId(9)]: liveFigures(100) };
  await app.open(url, TOKEN, `/runs/${runId(9)}`);
  await page.locator("canvas").nth(1).waitFor();
  const newest = () => app.run().chart().getAttribute("aria-valuemax");
  await poll(newest).toBe("99");
  await page.keyboard.press("p");
  await app.run().bar().getByText("Paused").waitFor();
  for (let second = 100; second < 134; second += 1)
    controller.push({ type: "tick", run: runId(9), tick: tick(second) });
  await app.run().bar().getByText("Paused, 34 s behind").waitFor();
  expect(await newest()).toBe("99");
  // Seconds can be chosen in what is shown.
  await app.run().drag(0.5, 0.9);
  await page.getByText("Responses that the agents told of these seconds").waitFor();
  await page.getByText("At the edges: 12 responses here").waitFor();
  await page.keyboard.press("Escape");
  await app.run().bar().getByRole("button", { name: "Resume" }).click();
  await poll(newest).toBe("133");
  await page.getByText("Show as table").first().click();
  const table = page.getByRole("table", { name: "Requests per second, as a table" });
  expect(await table.getAttribute("aria-rowcount")).toBe("135");
  expect(complaints.all).toEqual([]);
});
