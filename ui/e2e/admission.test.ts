// Agents that wait: admitted, paired, ignored; against a made-up controller in a real browser.
import { expect, test } from "vitest";
import { agent } from "@/testing/fixtures";
import { app, controller, page, url, withScene } from "./scene";
import { TOKEN } from "./server";

withScene();

test("admits pending agents, and never those that need a token", async () => {
  controller.agents = [
    agent(1, { trust: "pending" }),
    agent(2, { trust: "pending" }),
    agent(3, { trust: "needs-token" }),
  ];
  await app.open(url, TOKEN);
  expect(await page.getByRole("navigation").getByText("2 waiting to be admitted").count()).toBe(1);
  await app.agents().admit("lab-1");
  await app.agents().row("lab-1").waitFor();
  expect(controller.agents.find(({ name }) => name === "lab-2")?.trust).toBe("pending");
  controller.putAgent(agent(4, { trust: "pending" }));
  await page.getByRole("button", { name: "Admit all 2" }).click();
  await app.agents().row("lab-4").waitFor();
  expect(controller.agents.find(({ name }) => name === "lab-3")?.trust).toBe("needs-token");
  expect(await page.getByRole("button", { name: "Admit lab-3" }).count()).toBe(0);
});

test("pairs an agent by its code, by keyboard, and says when the code is wrong", async () => {
  controller.agents = [agent(1, { trust: "needs-code" }), agent(2, { trust: "needs-code" })];
  await app.open(url, TOKEN);
  expect(await page.getByRole("navigation").getByText("2 waiting to be admitted").count()).toBe(1);
  expect(await page.getByRole("button", { name: /^Admit/ }).count()).toBe(0);
  const card = page.getByRole("form", { name: "Pair lab-1" });
  const [code, pair] = [card.getByLabel("Code the agent shows"), card.getByRole("button", { name: "Pair" })];
  await code.fill("1234-567");
  expect(await pair.isDisabled()).toBe(true);
  await code.fill("1234 5679");
  await code.press("Enter");
  await card.getByRole("alert").getByText("That is not the code of lab-1: 4 tries are left.").waitFor();
  // The next one is typed over it.
  await page.keyboard.type("12345678");
  expect(await card.getByRole("alert").count()).toBe(0);
  await page.keyboard.press("Enter");
  await app.agents().row("lab-1").waitFor();
  expect(controller.agents.find(({ name }) => name === "lab-2")?.trust).toBe("needs-code");
  expect(await page.getByRole("navigation").getByText("1 waiting to be admitted").count()).toBe(1);
});

test("ignores an agent that waits, and takes that back", async () => {
  controller.agents = [agent(1), agent(2, { trust: "pending" }), agent(3, { trust: "needs-token" })];
  await app.open(url, TOKEN);
  await page.getByRole("button", { name: "Ignore lab-2" }).click();
  await page.getByRole("button", { name: "Ignored (1)" }).waitFor();
  expect(await page.getByRole("navigation").getByText("waiting to be admitted").count()).toBe(0);
  await page.getByRole("button", { name: "Ignore lab-3" }).click();
  await page.getByRole("button", { name: "Ignored (2)" }).click();
  expect(await page.getByRole("heading", { name: "Waiting to be admitted" }).count()).toBe(0);
  const ignored = page.getByRole("list", { name: "Ignored agents" });
  expect(await ignored.getByRole("listitem").count()).toBe(2);
  await ignored.getByRole("button", { name: "Show lab-2 again" }).click();
  await app.agents().admit("lab-2");
  await app.agents().row("lab-2").waitFor();
  await page.getByRole("button", { name: "Ignored (1)" }).waitFor();
});
