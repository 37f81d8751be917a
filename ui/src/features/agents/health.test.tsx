import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { HealthTable } from "@/components/HealthTable";
import { agent, loaded, runAgent } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import { AgentDrawer } from "./AgentDrawer";

test("the panel of an agent says what is high, in words", async () => {
  const busy = agent(1, { health: loaded({ cpu_percent: 97, ports_used: 27_000 }) });
  renderScreen(<AgentDrawer agent={busy} doctor={false} onClose={() => {}} />, {});
  const panel = await screen.findByRole("region", { name: "Load now" });
  expect(within(panel).getAllByText("high")).toHaveLength(2);
  expect(within(panel).getByText("97 %")).toBeInTheDocument();
  expect(within(panel).getByText("27,000")).toBeInTheDocument();
  expect(screen.getByText("1.4 ms ahead ± 0.3 ms")).toBeInTheDocument();
  expect(screen.getByText("+11.5 ± 0.8 ppm")).toBeInTheDocument();
});

test("figures of an agent that is not heard are never shown as live", async () => {
  const lost = agent(2, { liveness: "lost", health: loaded() });
  renderScreen(<HealthTable agents={[runAgent(0), runAgent(1), runAgent(2)]} />, {
    snapshot: { agents: [agent(1, { health: loaded({ open_files: 1_000_000 }) }), lost] },
  });
  const table = await screen.findByRole("table", { name: "Load generators" });
  const row = (name: string) =>
    within(table)
      .getByRole("rowheader", { name: new RegExp(name) })
      .closest("tr");
  expect(row("lab-1")).toHaveTextContent("high");
  expect(row("lab-2")).toHaveTextContent("These figures are old");
  expect(row("lab-3")).toHaveTextContent("not known");
});
