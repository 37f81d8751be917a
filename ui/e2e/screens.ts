// Every screen in a theme: axe finds nothing, the console stays silent, and there is a picture to look at.
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { axe, launch, newPage, screenshots, shoot } from "./browser";
import { App } from "./pages";
import { BEFORE } from "./screens/before";
import { RUNS } from "./screens/runs";
import { FakeController, TOKEN } from "./server";

/** The tests of one theme, a file each: so the two are looked at side by side. */
export function look(colorScheme: "light" | "dark"): void {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launch();
  });

  afterAll(async () => {
    await browser.close();
    process.stdout.write(`Screenshots: ${screenshots()}\n`);
  });

  test.each([...BEFORE, ...RUNS])(
    "$name",
    async ({ name, route, seed, prepare, ready, viewport, except, noisy }) => {
      const controller = new FakeController();
      seed?.(controller);
      const url = await controller.listen();
      const size = viewport ?? { width: 1440, height: name.startsWith("result") ? 2600 : 900 };
      const { page, complaints } = await newPage(browser, { colorScheme, viewport: size });
      await new App(page).open(url, TOKEN, route);
      await prepare?.(page, controller);
      await page.getByText(ready).first().waitFor();
      await page.mouse.move(0, 0);
      await shoot(page, `${name}-${colorScheme}`);
      expect(await axe(page, except)).toEqual([]);
      if (!noisy) expect(complaints.all).toEqual([]);
      await page.context().close();
      await controller.close();
    },
  );
}
