import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes, useLocation } from "react-router";
import { expect, test, vi } from "vitest";
import { ApiFailure } from "@/api/error";
import type { TestSpec } from "@/api/types";
import { buildFailure, run, runId, sampleSpec, savedTest, testId } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import TestsPage from "./TestsPage";

function Elsewhere() {
  const { pathname, state } = useLocation();
  return <p>{`at ${pathname} ${JSON.stringify(state)}`}</p>;
}

const page = (
  <Routes>
    <Route path="/tests" element={<TestsPage />} />
    <Route path="*" element={<Elsewhere />} />
  </Routes>
);
const route = "/tests";

test("nothing is there yet: a repository or the sample begins it", async () => {
  const sample = vi.fn().mockResolvedValue({ spec: sampleSpec });
  const local_agent = { state: "on", agent: "x" } as const;
  renderScreen(page, { api: { sample }, snapshot: { local_agent }, route });
  await userEvent.click(screen.getByRole("button", { name: "Begin with the sample" }));
  expect(await screen.findByText(/^at \/run .*"saveAs":"Sample shop"/)).toBeInTheDocument();
});

test("a repository is taken to the form", async () => {
  renderScreen(page, { route });
  expect(screen.getByRole("button", { name: "Begin with the sample" })).toBeDisabled();
  const url = screen.getByRole("textbox", { name: "Git repository" });
  fireEvent.change(url, { target: { value: "https://h/x.git" } });
  await userEvent.type(url, "{Enter}");
  expect(screen.getByText('at /run {"url":"https://h/x.git"}')).toBeInTheDocument();
});

test("the list tells the last run, why it failed, and the trend", () => {
  const failed = run(12, { state: "failed", failures: [{ agent: "lab-1", failure: buildFailure }] });
  const [first, ...rest] = savedTest(1).runs;
  const runs = [{ ...first, id: failed.id, state: "failed", verdict: null, figures: null }, ...rest];
  renderScreen(page, {
    snapshot: {
      tests: [savedTest(1, { runs: runs as never }), savedTest(2, { name: "Search", runs: [] })],
      runs: [failed],
    },
    route,
  });
  const row = screen.getByRole("row", { name: /Checkout 1/ });
  expect(within(row).getByText("Failed")).toBeInTheDocument();
  expect(within(row).getByText(buildFailure.message)).toBeInTheDocument();
  expect(
    within(row).getByRole("img", { name: /^p95 of the last 11 runs with figures:/ }),
  ).toBeInTheDocument();
  expect(within(row).getByRole("link", { name: /2026/ })).toHaveAttribute("href", `/runs/${runId(12)}`);
  expect(within(screen.getByRole("row", { name: /Search/ })).getByText("never")).toBeInTheDocument();
});

test("a refused start says which test, and why", async () => {
  const refused = new ApiFailure(409, { code: "no-agents", message: "No agent is here.", hint: "Add one." });
  renderScreen(page, {
    api: { startTest: () => Promise.reject(refused) },
    snapshot: { tests: [savedTest(1)] },
    route,
  });
  await userEvent.click(screen.getByRole("button", { name: "Start Checkout 1" }));
  expect(await screen.findByRole("alert")).toHaveTextContent(
    "Checkout 1 was not started.No agent is here. Add one.",
  );
});

test("a copy gets a free name and takes the secrets over; deleting asks", async () => {
  const createTest = vi.fn(async (wanted: TestSpec) => savedTest(9, { name: wanted.name }));
  const removeTest = vi.fn().mockResolvedValue(undefined);
  const tests = [savedTest(1), savedTest(2, { name: "Search" })];
  renderScreen(page, { api: { createTest, removeTest }, snapshot: { tests }, route });
  await userEvent.click(screen.getByRole("button", { name: "Delete Search" }));
  const dialog = await screen.findByRole("dialog");
  expect(removeTest).not.toHaveBeenCalled();
  await userEvent.click(within(dialog).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.queryByRole("row", { name: /Search/ })).not.toBeInTheDocument());
  expect(removeTest).toHaveBeenCalledWith(testId(2));
  await userEvent.click(screen.getByRole("button", { name: "Duplicate Checkout 1" }));
  expect(await screen.findByText(/^at \/tests\//)).toBeInTheDocument();
  expect(createTest.mock.calls[0]?.[0]).toMatchObject({ name: "Checkout 1 (copy)", copy_of: testId(1) });
});

test("a row opens its test; the filter narrows the list", async () => {
  renderScreen(page, { snapshot: { tests: [savedTest(1), savedTest(2, { name: "Search" })] }, route });
  await userEvent.type(screen.getByRole("searchbox", { name: "Filter" }), "sea");
  expect(screen.queryByRole("row", { name: /Checkout/ })).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("link", { name: "Search" }));
  expect(screen.getByText(`at /tests/${testId(2)} null`)).toBeInTheDocument();
});
