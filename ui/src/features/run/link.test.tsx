import { fireEvent, screen, waitFor } from "@testing-library/react";
import { Link, Route, Routes } from "react-router";
import { beforeEach, expect, test, vi } from "vitest";
import type { Desktop } from "@/host/host";
import { EMPTY_DRAFT } from "@/model/run-form";
import { DesktopContext } from "@/store/hooks";
import { agent } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import LinkedRunForm from "./LinkedRunForm";

beforeEach(() => localStorage.clear());

const form = (
  <>
    <Link to="/run?url=https://git.example/other.git">another link</Link>
    <Routes>
      <Route path="/run" element={<LinkedRunForm />} />
    </Routes>
  </>
);
const url = () => screen.getByLabelText("Git repository");

test("a link fills in the form and starts nothing; what was typed can be taken back", async () => {
  const startRun = vi.fn();
  const typed = { ...EMPTY_DRAFT, url: "https://git.example/typed.git" };
  localStorage.setItem("bfgg.run-form", JSON.stringify(typed));
  renderScreen(form, {
    api: { startRun },
    snapshot: { agents: [agent(1)] },
    route: "/run?url=https://git.example/linked.git&param=users=100&divide=users&start=now",
  });
  expect(await screen.findByText(/Filled in from a link\. Nothing has been started/)).toBeInTheDocument();
  expect(url()).toHaveValue("https://git.example/linked.git");
  expect(screen.getByLabelText("Value of parameter 1")).toHaveValue("100");
  expect(screen.getByText("“start” is no field of this form.")).toBeInTheDocument();
  fireEvent.click(screen.getByText("Take back what was there"));
  await waitFor(() => expect(url()).toHaveValue(typed.url));
  expect(screen.queryByText(/Filled in from a link/)).not.toBeInTheDocument();
  expect(startRun).not.toHaveBeenCalled();
});

test("a link fills in a form that is open, also the second time", async () => {
  renderScreen(form, { route: "/run" });
  for (const typed of ["https://git.example/typed.git", "https://git.example/changed.git"]) {
    fireEvent.change(url(), { target: { value: typed } });
    fireEvent.click(screen.getByText("another link"));
    await waitFor(() => expect(url()).toHaveValue("https://git.example/other.git"));
    fireEvent.click(screen.getByText("Take back what was there"));
    await waitFor(() => expect(url()).toHaveValue(typed));
  }
});

test("an empty form has nothing to be taken back", async () => {
  renderScreen(form, { route: "/run?ref=main" });
  expect(await screen.findByText(/Filled in from a link/)).toBeInTheDocument();
  expect(screen.queryByText("Take back what was there")).not.toBeInTheDocument();
});

const snapshot = { id: "5f6e".repeat(16), name: "shop-tests", base_commit: "1a2b3c4d", dirty: true };

const inApp = (desktop: Partial<Desktop>) => (
  <DesktopContext value={{ openLogFolder: vi.fn(), sendFolder: vi.fn(), stopFolder: vi.fn(), ...desktop }}>
    {form}
  </DesktopContext>
);

test("a folder that was chosen becomes the source", async () => {
  const sent = { snapshot, files: 12, bytes: 4096, sent: 1024, git: false, parent_above: true };
  const sendFolder = vi.fn<Desktop["sendFolder"]>().mockResolvedValue(sent);
  renderScreen(inApp({ sendFolder }), { route: "/run" });
  fireEvent.click(screen.getByText("Folder on this computer…"));
  expect(
    await screen.findByRole("textbox", { name: "Folder", description: /sends it as it is now/ }),
  ).toHaveValue("folder shop-tests, on 1a2b3c4d with uncommitted changes");
  expect(screen.getByText("12 files, 4 KiB; 1 KiB sent now.")).toBeInTheDocument();
  expect(screen.getByText(/^No git here/)).toBeInTheDocument();
  expect(screen.getByText(/^The parent POM lies above/)).toBeInTheDocument();
  fireEvent.click(screen.getByText("Send it again as it is now"));
  await waitFor(() => expect(sendFolder.mock.calls.map(([again]) => again)).toEqual([false, true]));
});

test("how far a folder is, and how to stop it", async () => {
  const stopFolder = vi.fn();
  const sendFolder: Desktop["sendFolder"] = (_again, onProgress) => {
    onProgress({ doing: "sending", bytes: 1024, all: 4096 });
    return new Promise(() => {});
  };
  renderScreen(inApp({ sendFolder, stopFolder }), { route: "/run" });
  fireEvent.click(screen.getByText("Folder on this computer…"));
  expect(await screen.findByText(/Sending the folder, 1 KiB of 4 KiB/)).toBeInTheDocument();
  fireEvent.click(screen.getByText("Stop sending"));
  expect(stopFolder).toHaveBeenCalledOnce();
});

test("a folder that cannot be sent says why, and the form stays as it is", async () => {
  const sendFolder = () => Promise.reject(new Error("nothing to send in /tmp/x"));
  renderScreen(inApp({ sendFolder }), { route: "/run" });
  fireEvent.click(screen.getByText("Folder on this computer…"));
  expect(await screen.findByRole("alert")).toHaveTextContent("nothing to send in /tmp/x");
  expect(url()).toHaveValue("");
});

test("a browser cannot send a folder", () => {
  renderScreen(form, { route: "/run" });
  expect(screen.queryByText(/this computer/)).not.toBeInTheDocument();
});
