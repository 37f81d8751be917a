import { act, cleanup, fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test, vi } from "vitest";
import type { OutputQuery } from "@/api/client";
import { ApiFailure } from "@/api/error";
import type { Run, RunAgent } from "@/api/types";
import { buildFailure, run, runAgent } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import { LogPanel } from "./LogPanel";

const save = vi.hoisted(() => vi.fn());
vi.mock("@/host/save", () => ({ saveBlob: save }));

const running = run(9, { state: "running", agents: [runAgent(0, { phase: "running" }), runAgent(1)] });

/** The panel; `print` makes the agent print, `asked` is what was asked of it. */
function open(shown: Run, atFirst = true) {
  const asked: string[] = [];
  let lines: string[] = [];
  let news = () => {};
  let ended = false;
  const signals: AbortSignal[] = [];
  let stalled = false;
  const output = async (
    _run: string,
    index: number,
    printer: string,
    query: OutputQuery,
    signal?: AbortSignal,
  ) => {
    if (stalled && signal) {
      signals.push(signal);
      await new Promise(() => {});
    }
    asked.push(`${index} ${printer}`);
    const from = "from" in query.lines ? query.lines.from : 0;
    if (query.wait > 0 && lines.length <= from && !ended) {
      await new Promise<void>((resolve) => {
        news = resolve;
      });
    }
    return { from, lines: lines.slice(from), next: lines.length, skipped: 0, ended, end: lines.length };
  };
  renderScreen(<Changing first={shown} open={atFirst} />, { api: { output } });
  const stall = () => {
    stalled = true;
  };
  const print = (text: string[], last = false) =>
    act(async () => {
      lines = [...lines, ...text];
      ended = last;
      news();
    });
  return { asked, print, stall, signals };
}

let show: (run: Run) => void = () => {};

/** The panel of a run that changes. */
function Changing({ first, open = true }: { first: Run; open?: boolean }) {
  const [shown, setShown] = useState(first);
  show = setShown;
  return <LogPanel run={shown} open={open} />;
}

/** jsdom has no layout: the reader is so far from the end. */
function scroll(distance: number) {
  const area = screen.getByRole("log");
  Object.defineProperty(area, "scrollHeight", { configurable: true, value: 1_000 });
  Object.defineProperty(area, "clientHeight", { configurable: true, value: 300 });
  area.scrollTop = 700 - distance;
  fireEvent.scroll(area);
}

test("shows what comes, stands still while it is read, and jumps to the end", async () => {
  const { print } = open(running);
  const log = await screen.findByRole("log", { name: "Gatling log of lab-1" });
  expect(log).toHaveTextContent("Nothing is printed yet.");
  expect(log.tabIndex).toBe(0);
  await print(["one", "\u001b[31mtwo"]);
  expect(await screen.findByText("\\u{1b}[31mtwo")).toBeInTheDocument();
  expect(screen.getByText("2 lines, following")).toBeInTheDocument();
  scroll(200);
  await print(["three", "four"]);
  const jump = await screen.findByRole("button", { name: "Jump to the end, 2 new" });
  expect(screen.queryByText("three")).toBeNull();
  expect(screen.getByRole("switch", { name: "Follow" })).not.toBeChecked();
  await userEvent.click(jump);
  expect(await screen.findByText("four")).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /^Jump/ })).toBeNull();
  const follow = screen.getByRole("switch", { name: "Follow" });
  follow.focus();
  await print([], true);
  expect(await screen.findByText("4 lines, complete")).toBeInTheDocument();
  // Whoever is there stays there, but there is nothing to switch.
  expect(follow).toHaveFocus();
  expect(follow).toHaveAttribute("aria-disabled", "true");
  await userEvent.click(follow);
  expect(follow).toBeChecked();
});

test("shows a log that begins anew also where it is not followed", async () => {
  const { print } = open(running);
  await print(["one", "two"]);
  expect(await screen.findByText("two")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("switch", { name: "Follow" }));
  act(() => show({ ...running, revision: running.revision + 1 }));
  expect(await screen.findByText("two")).toBeInTheDocument();
  await print(["three"]);
  expect(await screen.findByRole("button", { name: "Jump to the end, 1 new" })).toBeInTheDocument();
  expect(screen.queryByText("three")).toBeNull();
});

test("ends a download with the page", async () => {
  const { print, stall, signals } = open(running);
  await print(["one"], true);
  await screen.findByText("one");
  stall();
  await userEvent.click(screen.getByRole("button", { name: "Download" }));
  await waitFor(() => expect(signals).toHaveLength(1));
  expect(signals[0]?.aborted).toBe(false);
  cleanup();
  expect(signals[0]?.aborted).toBe(true);
});

test("chooses another agent, and what prints there", async () => {
  const { asked } = open(running);
  await screen.findByRole("log", { name: "Gatling log of lab-1" });
  await userEvent.selectOptions(screen.getByRole("combobox", { name: "Agent of the log" }), "lab-2");
  await screen.findByRole("log", { name: "Gatling log of lab-2" });
  await userEvent.click(screen.getByRole("radio", { name: "Build" }));
  await screen.findByRole("log", { name: "Build log of lab-2" });
  await waitFor(() => expect(new Set(asked)).toEqual(new Set(["0 gatling", "1 gatling", "1 build"])));
});

test("begins with the build that failed", async () => {
  const failed = runAgent(1, { phase: "failed", failure: buildFailure, prepared: null });
  open(run(9, { state: "failed", agents: [runAgent(0), failed] }));
  await screen.findByRole("log", { name: "Build log of lab-2" });
});

test("goes on to Gatling's log after the build's, but not while that is read", async () => {
  const at = (phase: RunAgent["phase"]) => run(9, { state: "running", agents: [runAgent(0, { phase })] });
  const output = async () => ({ from: 0, lines: ["built"], next: 6, skipped: 0, ended: true, end: 6 });
  renderScreen(<Changing first={at("building")} />, { api: { output } });
  await screen.findByRole("log", { name: "Build log of lab-1" });
  act(() => show(at("running")));
  await screen.findByRole("log", { name: "Gatling log of lab-1" });
  act(() => show(at("building")));
  await screen.findByRole("log", { name: "Build log of lab-1" });
  scroll(200);
  act(() => show(at("running")));
  await screen.findByRole("log", { name: "Build log of lab-1" });
});

test("asks nothing until it is opened", async () => {
  const { asked, print } = open(running, false);
  expect(screen.queryByRole("log")).toBeNull();
  expect(asked).toEqual([]);
  const button = screen.getByRole("button", { name: "Show log" });
  expect(button).toHaveAttribute("aria-expanded", "false");
  await print(["one"], true);
  await userEvent.click(button);
  expect(await screen.findByText("one")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Hide log" })).toHaveAttribute("aria-expanded", "true");
});

test("saves all of it under a name of ours", async () => {
  const { print } = open(running);
  await print(["one", "two"], true);
  await userEvent.click(await screen.findByRole("button", { name: "Download" }));
  const name = `${running.id.slice(-8)}-agent-0-gatling.txt`;
  await waitFor(() => expect(save).toHaveBeenCalledWith(expect.any(Blob), name));
  const blob = save.mock.calls[0]?.[0] as Blob;
  expect(blob.size).toBe("one\ntwo\n".length);
});

test("says why there is none", async () => {
  const refused = new ApiFailure(404, {
    code: "output-unknown",
    message: "There is no Gatling output of lab-1.",
    hint: "It never got that far.",
  });
  renderScreen(<LogPanel run={running} open />, { api: { output: () => Promise.reject(refused) } });
  expect(await screen.findByText("There is no Gatling output of lab-1.")).toBeInTheDocument();
  expect(screen.getByText("It never got that far.")).toBeInTheDocument();
});
