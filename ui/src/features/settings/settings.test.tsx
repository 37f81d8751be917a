import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { renderScreen } from "@/testing/render";
import SettingsPage from "./SettingsPage";

const LINK = { urls: ["http://127.0.0.1:7411/#code=abc"], until_ms: 1_700_000_000_000 };
const WALL = { id: "a1", name: "the wall", created_ms: 1_700_000_000_000 };

test("a link is made for what is chosen, and can be copied", async () => {
  const loginLink = vi.fn().mockResolvedValue(LINK);
  renderScreen(<SettingsPage />, { api: { loginLink, apiTokens: async () => [] } });
  await userEvent.click(screen.getByRole("radio", { name: "Look only" }));
  await userEvent.click(screen.getByRole("button", { name: "Make a link" }));
  expect(loginLink.mock.calls[0]?.[0]).toBe("read");
  expect(await screen.findByLabelText("Login link")).toHaveValue(LINK.urls[0]);
});

test("a token is shown once, listed, and taken back after a question", async () => {
  const tokens = [WALL];
  const addApiToken = vi.fn(async (name: string) => {
    const token = { ...WALL, id: "b2", name };
    tokens.push(token);
    return { token, secret: "bfgg_read_secret" };
  });
  const removeApiToken = vi.fn(
    async (id: string) =>
      void tokens.splice(
        tokens.findIndex((one) => one.id === id),
        1,
      ),
  );
  renderScreen(<SettingsPage />, {
    api: { apiTokens: async () => [...tokens], addApiToken, removeApiToken },
  });
  await screen.findByRole("row", { name: /the wall/ });
  await userEvent.type(screen.getByLabelText("What it is for"), " CI{Enter}");
  expect(await screen.findByLabelText("Token")).toHaveValue("bfgg_read_secret");
  expect(addApiToken.mock.calls[0]?.[0]).toBe("CI");
  await screen.findByRole("row", { name: /CI/ });
  await userEvent.click(screen.getByRole("button", { name: "I have it" }));
  expect(screen.queryByLabelText("Token")).toBeNull();

  await userEvent.click(screen.getByRole("button", { name: "Take back the wall" }));
  await userEvent.click(await screen.findByRole("button", { name: "Take back" }));
  await waitFor(() => expect(screen.queryByRole("row", { name: /the wall/ })).toBeNull());
  expect(removeApiToken.mock.calls[0]?.[0]).toBe("a1");
});

test("who may only look is told so, and is offered nothing that lets others in", async () => {
  renderScreen(<SettingsPage />, { caller: { rights: "read", session: true } });
  expect(screen.getByText("You may look, and change nothing.")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Make a link" })).toBeNull();
  expect(screen.getByRole("button", { name: "Log out" })).toBeVisible();
});
