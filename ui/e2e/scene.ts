// One browser for a file of tests, and for each test a made-up controller and a page of its own.
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { type Complaints, launch, newPage } from "./browser";
import { App } from "./pages";
import { FakeController } from "./server";

// Those of the present test: what imports them sees each new one.
export let controller: FakeController;
export let url: string;
export let page: Page;
export let complaints: Complaints;
export let app: App;

/** Opens and closes all of it around the tests of the file that calls this. */
export function withScene(): void {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    controller = new FakeController();
    url = await controller.listen();
    ({ page, complaints } = await newPage(browser));
    app = new App(page);
  });
  afterEach(async () => {
    await page.context().close();
    await controller.close();
  });
}

export const isThere = (text: string | RegExp) => page.getByText(text).first().waitFor();
export const isGone = (text: string) => page.getByText(text).first().waitFor({ state: "detached" });
