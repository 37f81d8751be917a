import type { ApiClient } from "@/api/client";
import { type ApiFailure, asFailure } from "@/api/error";
import type { Printer } from "@/api/types";
import { extend, NO_OUTPUT, type OutputLog } from "@/model/output";

/** Lines that are asked for at first. */
const FIRST = 1_000;
/** Seconds that the controller waits for something new. A browser has few connections to one host. */
const WAIT_S = 5;
const RETRY_MS = 3_000;

/** One output of one agent of a run. */
export interface OutputOf {
  run: string;
  index: number;
  printer: Printer;
}

interface Heard {
  log: (log: OutputLog) => void;
  /** A failure, and whether it is tried again; null when it is over. */
  failure: (failure: ApiFailure | null, again: boolean) => void;
}

/**
 * Follows an output until it has ended, is not to be had, or `signal` says so. It asks nothing while
 * nobody can see the page.
 */
export async function follow(
  api: ApiClient,
  of: OutputOf,
  heard: Heard,
  signal: AbortSignal,
  retryMs = RETRY_MS,
) {
  let log = NO_OUTPUT;
  while (!log.ended) {
    await seen(signal);
    if (signal.aborted) return;
    const lines = log.next === null ? { last: FIRST } : { from: log.next };
    // What is there already is shown at once.
    const wait = log.next === null ? 0 : WAIT_S;
    try {
      const answer = await api.output(of.run, of.index, of.printer, { lines, wait }, signal);
      if (signal.aborted) return;
      log = extend(log, answer);
      heard.failure(null, false);
      heard.log(log);
    } catch (error) {
      if (signal.aborted) return;
      const failure = asFailure(error);
      const again = mayComeBack(failure);
      heard.failure(failure, again);
      if (!again) return;
      await pause(retryMs, signal);
      if (signal.aborted) return;
    }
  }
}

/** The controller or the agent is away; anything else stays as it is. */
const mayComeBack = ({ status }: ApiFailure) => status === 0 || status === 409 || status === 502;

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}

/** Waits until the page can be seen, or `signal` says that it is over. */
function seen(signal: AbortSignal): Promise<void> {
  if (!document.hidden || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      if (document.hidden && !signal.aborted) return;
      document.removeEventListener("visibilitychange", done);
      signal.removeEventListener("abort", done);
      resolve();
    };
    document.addEventListener("visibilitychange", done);
    signal.addEventListener("abort", done);
  });
}
