import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import { buildFailure, HOSTILE, run, series } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import { SecondsChart } from "./chart/SecondsChart";
import { REQUESTS } from "./chart/shape";
import { seriesSource } from "./chart/source";
import { FailureCard } from "./FailureCard";
import { Name } from "./Name";
import { StopRun } from "./StopRun";

vi.mock("./chart/load-uplot", () => ({ loadUplot: () => Promise.reject(new Error("no uPlot")) }));

test("a failure shows agent, phase, cause, remedy and the first failing line; the rest on demand", async () => {
  renderScreen(<FailureCard agent="lab-3" failure={buildFailure} />);
  for (const part of [
    "lab-3",
    "during build",
    buildFailure.message,
    buildFailure.hint,
    /cannot find symbol/,
  ]) {
    expect(screen.getByText(part)).toBeInTheDocument();
  }
  expect(screen.queryByText(/BUILD FAILURE/)).not.toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Show output" }));
  expect(screen.getByText(/BUILD FAILURE/)).toBeInTheDocument();
});

test.each(HOSTILE)("%j is shown as text", (name) => {
  renderScreen(<Name>{name}</Name>);
  expect(document.querySelector("bdi")?.children).toHaveLength(0);
  expect(document.querySelector("bdi")?.textContent).not.toMatch(/[\u2028\u202e]/);
});

test("stopping asks; what was asked does not change while the dialog is open", async () => {
  const stopRun = vi.fn().mockResolvedValue(run(1));
  const { live } = renderScreen(<StopRun run={run(1, { state: "running" })} />, { api: { stopRun } });
  await userEvent.click(screen.getByRole("button", { name: "Stop" }));
  live.putRun(run(1, { state: "stopping" }));
  await userEvent.click(screen.getByRole("button", { name: "Stop the run" }));
  expect(stopRun).toHaveBeenCalledWith(run(1).id, false);
});

test("a stopping run can be forced, an ended one not at all", async () => {
  const stopRun = vi.fn().mockResolvedValue(run(1));
  renderScreen(
    <>
      <StopRun run={run(1, { state: "stopping" })} />
      <StopRun run={run(2)} />
    </>,
    { api: { stopRun } },
  );
  await userEvent.click(screen.getByRole("button", { name: "Force stop" }));
  const [, confirm] = screen.getAllByRole("button", { name: "Force stop" });
  if (confirm) await userEvent.click(confirm);
  await waitFor(() => expect(stopRun).toHaveBeenCalledWith(run(1).id, true));
});

test("where no chart can be drawn the table is shown", async () => {
  renderScreen(<SecondsChart shape={REQUESTS} source={seriesSource(series(3))} />);
  expect(await screen.findByText(/could not be drawn/)).toBeInTheDocument();
  expect(screen.getByRole("rowheader", { name: "0:02" })).toBeInTheDocument();
});
