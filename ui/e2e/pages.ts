// What a user can do on each screen, by roles and names. For tests against the fake API and against a real controller.
import type { Locator, Page } from "playwright-core";

export class App {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens a screen by the login link; the route starts with a slash. */
  async open(url: string, token: string, route = "/agents"): Promise<void> {
    await this.page.goto(`${url}/#token=${encodeURIComponent(token)}&${route}`);
    await this.page.getByRole("heading", { level: 1 }).waitFor();
  }

  async go(place: "Agents" | "Tests" | "Run" | "Runs"): Promise<void> {
    await this.page
      .getByRole("navigation")
      .getByRole("link", { name: place })
      .filter({ hasText: place })
      .first()
      .click();
  }

  heading(): Locator {
    return this.page.getByRole("heading", { level: 1 });
  }

  strip(): Locator {
    return this.page.getByRole("region", { name: "Run in progress" });
  }

  agents(): AgentsScreen {
    return new AgentsScreen(this.page);
  }

  runForm(): RunForm {
    return new RunForm(this.page);
  }

  run(): RunScreen {
    return new RunScreen(this.page);
  }

  runs(): RunsScreen {
    return new RunsScreen(this.page);
  }
}

export class AgentsScreen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  joinCommand(): Locator {
    return this.page.getByRole("textbox", { name: "Join command" });
  }

  /** The row of an admitted agent. */
  row(name: string): Locator {
    return this.page.getByRole("table", { name: "Agents" }).getByRole("row").filter({ hasText: name });
  }

  admit(name: string): Promise<void> {
    return this.page.getByRole("button", { name: `Admit ${name}`, exact: true }).click();
  }

  async addByAddress(address: string): Promise<void> {
    await this.page.getByRole("textbox", { name: "Agent's address" }).fill(address);
    await this.page.getByRole("button", { name: "Add", exact: true }).click();
  }

  async doctor(name: string): Promise<Locator> {
    await this.page.getByRole("button", { name: `Actions for ${name}` }).click();
    await this.page.getByRole("menuitem", { name: "Run doctor" }).click();
    return this.page.getByRole("dialog");
  }
}

export interface Fill {
  url?: string;
  reference?: string;
  folder?: string;
  simulation?: string;
  parameters?: { name: string; value: string; divide?: boolean }[];
  javaOptions?: string[];
  agents?: number;
  maxDuration?: string;
}

export class RunForm {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  async fill(values: Fill): Promise<void> {
    const field = (name: string) => this.page.getByRole("textbox", { name });
    if (values.url !== undefined) await field("Git repository").fill(values.url);
    if (values.reference !== undefined) await field("Branch, tag or commit").fill(values.reference);
    if (values.folder !== undefined) await field("Folder").fill(values.folder);
    if (values.simulation !== undefined) await this.simulation().fill(values.simulation);
    if (values.javaOptions !== undefined) await field("Java options").fill(values.javaOptions.join("\n"));
    if (values.agents !== undefined) await field("Number of agents").fill(String(values.agents));
    if (values.maxDuration !== undefined) await field("Maximum duration").fill(values.maxDuration);
    for (const parameter of values.parameters ?? []) await this.#addParameter(parameter);
  }

  async #addParameter({ name, value, divide }: NonNullable<Fill["parameters"]>[number]): Promise<void> {
    const names = this.page.getByRole("textbox", { name: /^Name of parameter/ });
    const row = (await names.count()) + 1;
    await this.page.getByRole("button", { name: "Add parameter" }).click();
    await this.page.getByRole("textbox", { name: `Name of parameter ${row}` }).fill(name);
    await this.page.getByRole("textbox", { name: `Value of parameter ${row}` }).fill(value);
    if (divide)
      await this.page.getByRole("checkbox", { name: `Divide parameter ${row} among the agents` }).check();
  }

  simulation(): Locator {
    return this.page
      .getByRole("combobox", { name: "Simulation" })
      .or(this.page.getByRole("textbox", { name: "Simulation" }));
  }

  async listSimulations(): Promise<void> {
    await this.page.getByRole("button", { name: "List simulations" }).click();
  }

  /** Chooses one of the listed simulations. */
  async pickSimulation(name: string): Promise<void> {
    await this.simulation().fill("");
    await this.simulation().click();
    await this.page.getByRole("option", { name }).click();
  }

  startButton(): Locator {
    // Not the tables' column of that name, which is there until the form is.
    return this.page.locator("form").getByRole("button", { name: /^Start/ });
  }

  async start(): Promise<void> {
    await this.startButton().click();
  }

  preview(): Locator {
    return this.page.getByRole("complementary", { name: "What will run" });
  }
}

/** One run, in progress or ended. */
export class RunScreen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** The state beside the heading: "Running", "Finished", … */
  state(name: string): Locator {
    return this.page.getByRole("main").locator("header").getByText(name, { exact: true });
  }

  tiles(): Locator {
    return this.page.getByRole("region", { name: "Live figures" });
  }

  /** One of the tiles' values by its label. */
  tile(label: string): Locator {
    return this.tiles()
      .getByRole("term")
      .filter({ hasText: label })
      .locator("xpath=following-sibling::dd[1]");
  }

  agentRow(name: string): Locator {
    return this.page.getByRole("table", { name: "Agents" }).getByRole("row").filter({ hasText: name });
  }

  chart(): Locator {
    return this.page.getByRole("slider", { name: "Requests per second" });
  }

  /** Which seconds are shown, the pause, a new note. */
  bar(): Locator {
    return this.page.getByRole("region", { name: "Charts and tables" });
  }

  /** Drags over the chart, from one part of its width to another. */
  async drag(from: number, to: number): Promise<void> {
    const over = this.chart().locator(".u-over");
    await over.scrollIntoViewIfNeeded();
    const box = await over.boundingBox();
    if (!box) throw new Error("there is no chart");
    const y = box.y + box.height / 2;
    await this.page.mouse.move(box.x + box.width * from, y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + box.width * ((from + to) / 2), y, { steps: 4 });
    await this.page.mouse.move(box.x + box.width * to, y, { steps: 4 });
    await this.page.mouse.up();
  }

  /** What an agent's build or Gatling printed. */
  log(label: string): Locator {
    return this.page.getByRole("log", { name: label });
  }

  /** A row of the merged table by its name. */
  requestRow(name: string): Locator {
    return this.page
      .getByRole("table", { name: "Requests" })
      .getByRole("row")
      .filter({ has: this.page.getByRole("rowheader", { name }) });
  }

  async stop(): Promise<void> {
    await this.page.getByRole("button", { name: "Stop", exact: true }).click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Stop the run" }).click();
  }

  async forceStop(): Promise<void> {
    await this.page.getByRole("button", { name: "Force stop" }).click();
    await this.page.getByRole("dialog").getByRole("button", { name: "Force stop" }).click();
  }

  async rerun(): Promise<void> {
    await this.page.getByRole("link", { name: "Run again" }).click();
  }
}

export class RunsScreen {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  rows(): Locator {
    return this.page.getByRole("table", { name: "Runs" }).locator("tbody").getByRole("row");
  }

  filter(): Locator {
    return this.page.getByRole("searchbox", { name: "Filter" });
  }
}
