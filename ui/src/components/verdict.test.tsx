import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Verdict } from "@/api/types";
import { HOSTILE, suspect } from "@/testing/fixtures";
import { renderScreen } from "@/testing/render";
import { VerdictBanner } from "./VerdictBanner";

const banner = () => within(screen.getByRole("region", { name: "Verdict" }));

test("names agent, evidence and remedy; so far while the run goes on", () => {
  renderScreen(<VerdictBanner verdict={suspect} soFar />);
  expect(banner().getByText("SUSPECT")).toBeTruthy();
  expect(banner().getByText("so far")).toBeTruthy();
  const [cpu, unknown] = banner().getAllByRole("listitem");
  expect(cpu?.textContent).toMatch(
    /^lab-2: CPU 91\.4 % from 00:03:10 to 00:04:02, for 52 s \(limit 85 % for 10 s\)Spread the load/,
  );
  expect(unknown?.textContent).toContain("lab-1: the load of its machine is not known");
});

test("says that nothing was found, and how much is left out", () => {
  renderScreen(<VerdictBanner verdict={{ level: "valid", findings: [], more: 0 }} />);
  expect(banner().queryAllByRole("listitem")).toEqual([]);
  expect(banner().queryByText("so far")).toBeNull();
  expect(banner().getByText("VALID")).toBeTruthy();
});

test("shows names and messages of others as text", () => {
  const findings = HOSTILE.map((sentence, index) => ({
    level: "invalid" as const,
    code: "ports-exhausted",
    agent: sentence,
    sentence: `${index} ${sentence}`,
    remedy: sentence,
    from_ms: null,
    to_ms: null,
  }));
  const verdict: Verdict = { level: "invalid", findings, more: 7 };
  renderScreen(<VerdictBanner verdict={verdict} />);
  expect(document.body.querySelector("img, script")).toBeNull();
  expect(document.body.textContent).not.toContain("\u202e");
  expect(banner().getByText("7 more: see summary.json")).toBeTruthy();
});
