// Agents and a run in progress, as several screens show them.
import type { Verdict } from "@/api/types";
import { agent, buildFailure, loaded, run, runAgent, runId, suspect, T0 } from "@/testing/fixtures";

/** The first finding alone: of what lies behind a run of four minutes. */
const soFar: Verdict = {
  ...suspect,
  findings: suspect.findings.slice(0, 1).map((one) => ({
    ...one,
    sentence: "CPU 91.4 % from 00:03:10 to 00:03:52, for 42 s (limit 85 % for 10 s)",
    to_ms: 232_000,
  })),
};

export const running = () =>
  run(9, {
    state: "running",
    started_ms: Date.now() - 240_000,
    ended_ms: null,
    has_summary: false,
    verdict: soFar,
    agents: [0, 1, 2].map((index) =>
      runAgent(index, {
        live: {
          run: runId(9),
          elapsed_s: 240,
          ok: 13_000 + index,
          ko: 240,
          users_active: 66,
          users_done: 80,
          users_waiting: 54,
        },
      }),
    ),
    live: {
      elapsed_s: 240,
      ok: 39_003,
      ko: 720,
      per_second: 187.2,
      users_active: 198,
      users_done: 240,
      users_waiting: 162,
      agents: 3,
      times: {
        count: 39_723,
        mean_ms: 61,
        max_ms: 1_910,
        percentiles: [50, 75, 95, 99].map((percent, at) => ({ percent, ms: [42, 71, 184, 412][at] ?? 0 })),
      },
    },
  });

export const fleet = () => [
  agent(1, {
    phase: "running",
    step: "3 of 10 min",
    lease: { controller: "x", controller_name: "perf-desk", run: runId(9), since_ms: T0 },
    health: loaded({ cpu_percent: 91, ports_used: 25_900 }),
  }),
  agent(2, { health: loaded() }),
  agent(3, { phase: "error", failure: buildFailure }),
  agent(4, { liveness: "suspect", last_seen_ms: Date.now() - 5_000 }),
  agent(5, { liveness: "lost", last_seen_ms: Date.now() - 900_000 }),
  agent(6, {
    clock: { offset_ms: -300_210, uncertainty_ms: 0.4, measured_ms: T0, drift: null },
    group: "",
  }),
  agent(7, {
    health: { ...agent(7).health, disk_free_bytes: 900 * 1024 ** 2 },
    remark: "Two agents are called lab-7.",
  }),
  agent(8, { phase: "building", step: "mvn test-compile" }),
  agent(9, {
    name: "build-host-with-a-rather-long-name.lab.example.com",
    toolchains: { jdks: [], git: "", build_tools: [] },
  }),
];

/** A run in its first seconds, with some of it changed. */
export const liveRun = (part = {}) =>
  run(9, {
    state: "running",
    started_ms: Date.now() - 20_000,
    ended_ms: null,
    has_summary: false,
    agents: [runAgent(0), runAgent(1)],
    live: {
      elapsed_s: 20,
      ok: 900,
      ko: 100,
      per_second: 50,
      users_active: 40,
      users_done: 10,
      users_waiting: 0,
      agents: 2,
    },
    ...part,
  });
