import { act, screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { ApiFailure } from "@/api/error";
import type { RunStretch } from "@/api/types";
import { run, summary } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import { ChartBar } from "../chart/ChartBar";
import { ChartView, useViewState } from "../chart/view";
import { runCommand } from "../keys";
import { FigureTables } from "./FigureTables";
import { isSettled } from "./stretch";

const whole = summary(8);

function answer(part: Partial<RunStretch> = {}): RunStretch {
  const [all, ...rest] = whole.rows;
  if (!all) throw new Error("the fixture has rows");
  return {
    from_s: 70,
    until_s: 180,
    counted: "ended",
    outside: 0,
    elsewhere: 0,
    columns: whole.columns,
    rows: [{ ...all, total: 4_711, ok: 4_711, ko: 0 }, ...rest],
    errors: [],
    notes: [],
    ...part,
  };
}

function Tables({ view }: { view: ChartView }) {
  const { stretch } = useViewState(view);
  return <FigureTables run={run(8)} whole={whole} stretch={stretch} settled beside={null} />;
}

function open(stretch: (run: string, from: number, until: number) => Promise<RunStretch>) {
  const view = new ChartView();
  renderScreen(
    <>
      <ChartBar view={view} onNote={() => {}} />
      <Tables view={view} />
    </>,
    { api: { stretch } },
  );
  return view;
}

const total = () =>
  within(screen.getByRole("row", { name: /All requests/ })).getAllByRole("cell")[0]?.textContent;

test("the tables show the chosen seconds, and the whole run again", async () => {
  const asked = vi.fn(async (..._: unknown[]) =>
    answer({ counted: "told", outside: 1, elsewhere: 15, notes: ["lab-2: its log is not here."] }),
  );
  const view = open(asked);
  const before = total();
  act(() => view.select({ from: 70, until: 180 }));
  // Never the figures of the whole run under the name of a part.
  expect(screen.queryByRole("table", { name: "Requests" })).toBeNull();
  expect(await screen.findByText(/what their logs had about 0.1 s after each/)).toHaveTextContent(
    "At the edges: 1 response here ended just outside of them, and 15 responses that ended within them count next to them.",
  );
  expect(asked.mock.calls[0]?.slice(0, 3)).toEqual([run(8).id, 70, 180]);
  expect(total()).toBe("4,711");
  expect(screen.getAllByText("1:10 to 3:00, 110 s only")).toHaveLength(2);
  expect(screen.getByText("No errors.")).toBeInTheDocument();
  expect(screen.getByText("lab-2: its log is not here.")).toBeInTheDocument();
  expect(screen.getByRole("status")).toHaveTextContent("Showing 1:10 to 3:00, 110 s");
  act(() => {
    runCommand("back");
  });
  expect(total()).toBe(before);
  expect(runCommand("back"), "there is nothing to go back from").toBe(false);
});

test("a stretch that cannot be counted says why, and the way back stays", async () => {
  const view = open(() =>
    Promise.reject(new ApiFailure(404, { code: "no-figures", message: "There is no log.", hint: "" })),
  );
  act(() => view.select({ from: 1, until: 2 }));
  expect(await screen.findByText("There is no log.")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: "Reset" })).toBeInTheDocument();
});

test("seconds are settled once what is newer is known", () => {
  expect(isSettled(null, 0)).toBe(true);
  expect(isSettled({ from: 0, until: 10 }, 12)).toBe(false);
  expect(isSettled({ from: 0, until: 10 }, 13)).toBe(true);
});
