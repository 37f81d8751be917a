import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Route, Routes } from "react-router";
import { expect, test, vi } from "vitest";
import { ApiFailure } from "@/api/error";
import type { TestSpec } from "@/api/types";
import { runCommand } from "@/components/keys";
import { EMPTY_DRAFT, MASK } from "@/model/run-form";
import { agent, run, savedTest, spec, testId } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import RunFormPage from "./RunFormPage";
import TestPage from "./TestPage";

const editor = (
  <Routes>
    <Route path="/tests/:test" element={<TestPage />} />
    <Route path="/run" element={<RunFormPage />} />
    <Route path="/runs/:run" element={<p>the run</p>} />
  </Routes>
);

const secretSpec = {
  ...spec,
  parameters: [...spec.parameters, { name: "login", value: MASK, secret: true }],
};
const saved = savedTest(1, { spec: secretSpec, secrets: "Secret values are in the keychain." });
const snapshot = { agents: [agent(1), agent(2)], tests: [saved] };
const route = `/tests/${saved.id}`;

/** All at once: each key draws the whole form. */
const fill = (field: HTMLElement, value: string) => fireEvent.change(field, { target: { value } });
const name = () => screen.getByRole("textbox", { name: "Name" });
const saveButton = () => screen.getByRole("button", { name: "Save" });

test("says what it shows, saves over the revision that was edited, and is clean again", async () => {
  const changeTest = vi.fn(async (_: string, wanted: TestSpec) => ({
    ...saved,
    name: wanted.name,
    revision: 4,
  }));
  renderScreen(editor, { api: { changeTest }, snapshot, route });
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Checkout 1");
  expect(screen.getByRole("status")).toHaveTextContent(/^Saved /);
  expect(screen.getByText("Secret values are in the keychain.")).toBeInTheDocument();
  expect(saveButton()).toBeDisabled();
  fill(name(), "Checkout 1 b");
  expect(screen.getByRole("status")).toHaveTextContent("Unsaved changes");
  await userEvent.click(saveButton());
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent(/^Saved /));
  expect(changeTest.mock.calls[0]?.[0]).toBe(saved.id);
  expect(changeTest.mock.calls[0]?.[1]).toMatchObject({
    name: "Checkout 1 b",
    revision: 3,
    spec: secretSpec,
  });
  expect(localStorage.getItem(`bfgg.test.${saved.id}`)).toBeNull();
});

test("what was typed is there again, but no secret is stored", async () => {
  const first = renderScreen(editor, { snapshot, route });
  fill(screen.getByLabelText("Value of parameter 3"), "hunter22");
  fill(name(), "Checkout 1 b");
  const stored = localStorage.getItem(`bfgg.test.${saved.id}`) ?? "";
  expect(stored).toContain("Checkout 1 b");
  expect(stored).not.toContain("hunter22");
  first.unmount();
  renderScreen(editor, { snapshot, route });
  expect(name()).toHaveValue("Checkout 1 b");
  // As long as the page lives.
  expect(screen.getByLabelText("Value of parameter 3")).toHaveValue("hunter22");
  expect(screen.getByText(/of an earlier visit/)).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Discard changes" }));
  expect(name()).toHaveValue("Checkout 1");
  expect(localStorage.getItem(`bfgg.test.${saved.id}`)).toBeNull();
});

test("starts as saved, or with what is typed; the command names which", async () => {
  const startTest = vi.fn().mockResolvedValue(run(1));
  renderScreen(editor, { api: { startTest }, snapshot, route });
  const command = () => screen.getByRole("group", { name: "Command" });
  expect(command()).toHaveTextContent("bfgg run \\ --test 'Checkout 1'");
  fill(screen.getByRole("textbox", { name: "Value of parameter 2" }), "6000");
  expect(command()).toHaveTextContent("--param duration=6000");
  expect(command()).toHaveTextContent("'login=•••'");
  act(() => {
    runCommand("start");
  });
  expect(await screen.findByText("the run")).toBeInTheDocument();
  const [id, start] = startTest.mock.calls[0] ?? [];
  expect(id).toBe(saved.id);
  expect(start.spec.parameters).toContainEqual({ name: "duration", value: "6000" });
  expect(start.spec.parameters).toContainEqual({ name: "login", value: MASK, secret: true });
});

test("a change in another window is followed, or asked about", async () => {
  const { live } = renderScreen(editor, { snapshot, route });
  act(() => live.putTest({ ...saved, name: "Renamed", revision: 4 }));
  expect(name()).toHaveValue("Renamed");
  fill(name(), "Renamed mine");
  act(() => live.putTest({ ...saved, name: "Theirs", revision: 5 }));
  expect(name()).toHaveValue("Renamed mine");
  expect(screen.getByRole("alert")).toHaveTextContent("changed in another window");
  await userEvent.click(screen.getByRole("button", { name: "Keep mine" }));
  expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  expect(name()).toHaveValue("Renamed mine");
  act(() => live.putTest({ ...saved, name: "Again", revision: 6 }));
  await userEvent.click(screen.getByRole("button", { name: "Load the saved one" }));
  expect(name()).toHaveValue("Again");
});

test("a refused save keeps what is typed and says why", async () => {
  const refused = new ApiFailure(409, {
    code: "test-name-taken",
    message: "There is a test “Shop” already.",
    hint: "Give another name.",
  });
  renderScreen(editor, { api: { changeTest: () => Promise.reject(refused) }, snapshot, route });
  fill(name(), "Checkout 1 b");
  await userEvent.click(saveButton());
  expect(await screen.findByRole("alert")).toHaveTextContent("already.Give another name.");
  expect(name()).toHaveValue("Checkout 1 b");
});

test("a run form is saved under a name, and its secret is sent but not stored", async () => {
  const createTest = vi.fn(async (wanted: TestSpec) => savedTest(7, { name: wanted.name }));
  const parameters = [{ name: "login", value: "", divide: false, secret: true }];
  localStorage.setItem("bfgg.run-form", JSON.stringify({ ...EMPTY_DRAFT, url: spec.source.url, parameters }));
  renderScreen(editor, { api: { createTest }, snapshot, route: "/run" });
  fill(screen.getByLabelText("Value of parameter 1"), "hunter22");
  expect(localStorage.getItem("bfgg.run-form")).not.toContain("hunter22");
  await userEvent.click(screen.getByRole("button", { name: "Save as test…" }));
  const dialog = await screen.findByRole("dialog");
  fill(within(dialog).getByRole("textbox", { name: "Name" }), "Shop");
  await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Shop"));
  expect(localStorage.getItem("bfgg.run-form")).toBeNull();
  expect(createTest.mock.calls[0]?.[0]).toMatchObject({
    name: "Shop",
    spec: { parameters: [{ name: "login", value: "hunter22", secret: true }] },
  });
});

test("a name is asked for before anything is saved", async () => {
  localStorage.setItem("bfgg.run-form", JSON.stringify({ ...EMPTY_DRAFT, url: spec.source.url }));
  renderScreen(editor, { snapshot, route: { pathname: "/run", state: { saveAs: "" } } });
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(within(dialog).getByText("A test's name has 1 to 100 characters.")).toBeInTheDocument();
});

test("a run saved as another test leaves its own test as it was", async () => {
  const createTest = vi.fn(async (wanted: TestSpec) => savedTest(7, { name: wanted.name }));
  const rerun = run(1, { spec: { ...secretSpec, simulation: "a.Other" } });
  renderScreen(editor, {
    api: { createTest },
    snapshot,
    route: { pathname: route, state: { rerun, saveAs: "" } },
  });
  const dialog = await screen.findByRole("dialog");
  fill(within(dialog).getByRole("textbox", { name: "Name" }), "Shop");
  await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Shop"));
  expect(createTest.mock.calls[0]?.[0]).toMatchObject({
    copy_of: saved.id,
    spec: { simulation: "a.Other" },
  });
  expect(screen.queryByRole("dialog")).not.toBeInTheDocument();
  expect(screen.queryByText("Unsaved changes")).not.toBeInTheDocument();
  expect(localStorage.getItem(`bfgg.test.${saved.id}`)).toBeNull();
});

test("a run of a test is opened as a change of it, and a test that is gone says so", async () => {
  renderScreen(editor, {
    snapshot,
    route: { pathname: route, state: { rerun: run(1, { spec: { ...secretSpec, simulation: "a.Other" } }) } },
  });
  expect(screen.getByText(/^Settings of the run of/)).toBeInTheDocument();
  expect(screen.getByRole("combobox", { name: "Simulation" })).toHaveValue("a.Other");
  renderScreen(editor, { snapshot, route: `/tests/${testId(99)}` });
  expect(screen.getByText("There is no such test.")).toBeInTheDocument();
});
