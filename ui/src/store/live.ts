import type { ApiFailure } from "@/api/error";
import type { LinkStatus } from "@/api/events";
import type { Agent, Info, LiveEvent, LocalAgent, Run, Test } from "@/api/types";
import { isActive, newestFirst } from "@/model/run";
import { TickSeries } from "./ticks";

/** Everything the screens show live. Each value is replaced, never changed, when something in it does. */
export interface LiveState {
  link: LinkStatus;
  /** Why the link is lost or refused, where it is known. */
  linkFailure: ApiFailure | null;
  /** Whether a snapshot ever came. */
  loaded: boolean;
  info: Info | null;
  agents: readonly Agent[];
  runs: readonly Run[];
  localAgent: LocalAgent;
  /** The saved tests, by name. */
  tests: readonly Test[];
  /** When the first snapshot came, in the page's own time; agents are looked for since then. */
  since: number | null;
}

const START: LiveState = {
  link: "connecting",
  linkFailure: null,
  loaded: false,
  info: null,
  agents: [],
  runs: [],
  localAgent: { state: "off" },
  tests: [],
  since: null,
};

/** Runs a callback at the next repaint. */
export type Scheduler = (callback: () => void) => void;

interface Named {
  id: string;
  name: string;
}

const byName = (a: Named, b: Named) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id);

/**
 * The live data, outside React: events go in at any pace, subscribers hear of them once per frame.
 * Ticks stand apart in typed arrays, so that a second of a run re-renders its chart and nothing else.
 */
export class LiveStore {
  #state: LiveState = START;
  #published: LiveState = START;
  #listeners = new Set<() => void>();
  #ticks = new Map<string, TickSeries>();
  #tickListeners = new Map<string, Set<() => void>>();
  #dirtyTicks = new Set<string>();
  #scheduled = false;
  #heardAt = 0;
  #tickedAt = new Map<string, number>();
  readonly #schedule: Scheduler;
  readonly #now: () => number;

  constructor(schedule: Scheduler, now: () => number) {
    this.#schedule = schedule;
    this.#now = now;
  }

  readonly snapshot = (): LiveState => this.#published;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly subscribeTicks = (run: string, listener: () => void): (() => void) => {
    const listeners = this.#tickListeners.get(run) ?? new Set();
    this.#tickListeners.set(run, listeners.add(listener));
    return () => listeners.delete(listener);
  };

  ticks(run: string): TickSeries | null {
    return this.#ticks.get(run) ?? null;
  }

  /** Page time of the last sign of life of the controller. */
  heardAt(): number {
    return this.#heardAt;
  }

  /** Page time of the last second that came for this run; 0 if none did. */
  tickedAt(run: string): number {
    return this.#tickedAt.get(run) ?? 0;
  }

  heard(): void {
    this.#heardAt = this.#now();
  }

  setLink(link: LinkStatus, linkFailure: ApiFailure | null): void {
    this.#change({ link, linkFailure });
  }

  apply(event: LiveEvent): void {
    switch (event.type) {
      case "snapshot":
        this.#replace(event);
        break;
      case "agent":
        this.putAgent(event.agent);
        break;
      case "agent-removed":
        this.removeAgent(event.id);
        break;
      case "local-agent":
        this.putLocalAgent(event.local_agent);
        break;
      case "test":
        this.putTest(event.test);
        break;
      case "test-removed":
        this.removeTest(event.id);
        break;
      case "run":
        this.putRun(event.run);
        break;
      case "tick": {
        this.#series(event.run).put(event.tick);
        this.#tickedAt.set(event.run, this.#now());
        this.#dirtyTicks.add(event.run);
        this.#wake();
        break;
      }
    }
  }

  putAgent(agent: Agent): void {
    const others = this.#state.agents.filter((known) => known.id !== agent.id);
    this.#change({ agents: [...others, agent].sort(byName) });
  }

  removeAgent(id: string): void {
    this.#change({ agents: this.#state.agents.filter((agent) => agent.id !== id) });
  }

  putLocalAgent(localAgent: LocalAgent): void {
    this.#change({ localAgent });
  }

  putTest(test: Test): void {
    const others = this.#state.tests.filter((known) => known.id !== test.id);
    this.#change({ tests: [...others, test].sort(byName) });
  }

  removeTest(id: string): void {
    this.#change({ tests: this.#state.tests.filter((test) => test.id !== id) });
  }

  putRun(run: Run): void {
    // Its figures age from the moment on at which the first ones can come.
    if (run.state === "running" && this.#stateOf(run.id) !== "running")
      this.#tickedAt.set(run.id, this.#now());
    const others = this.#state.runs.filter((known) => known.id !== run.id);
    this.#change({ runs: [...others, run].sort(newestFirst) });
  }

  #stateOf(run: string): Run["state"] | undefined {
    return this.#state.runs.find((known) => known.id === run)?.state;
  }

  /** Puts a run that no event has told of yet; what events said is newer. */
  addRun(run: Run): void {
    if (!this.#state.runs.some((known) => known.id === run.id)) this.putRun(run);
  }

  #replace(event: Extract<LiveEvent, { type: "snapshot" }>): void {
    this.#ticks.clear();
    for (const [run, ticks] of Object.entries(event.ticks)) {
      const series = this.#series(run);
      for (const tick of ticks) series.put(tick);
    }
    for (const run of this.#tickListeners.keys()) this.#dirtyTicks.add(run);
    // Counted from now: what was missed while away is in the snapshot.
    for (const run of event.runs.filter(isActive)) this.#tickedAt.set(run.id, this.#now());
    this.#change({
      loaded: true,
      info: event.info,
      agents: [...event.agents].sort(byName),
      runs: [...event.runs].sort(newestFirst),
      localAgent: event.local_agent,
      tests: [...event.tests].sort(byName),
      since: this.#state.since ?? this.#now(),
    });
  }

  #series(run: string): TickSeries {
    const series = this.#ticks.get(run) ?? new TickSeries();
    this.#ticks.set(run, series);
    return series;
  }

  #change(part: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...part };
    this.#wake();
  }

  #wake(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    this.#schedule(() => {
      this.#scheduled = false;
      this.#publish();
    });
  }

  #publish(): void {
    const dirty = [...this.#dirtyTicks];
    this.#dirtyTicks.clear();
    for (const run of dirty) for (const listener of this.#tickListeners.get(run) ?? []) listener();
    if (this.#published === this.#state) return;
    this.#published = this.#state;
    for (const listener of this.#listeners) listener();
  }
}
