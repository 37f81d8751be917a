import { createContext, useContext, useState, useSyncExternalStore } from "react";
import { type Stretch, sameStretch } from "@/model/stretch";

/** A note as the charts of a run mark it. */
export interface PlacedNote {
  id: number;
  /** Seconds on the charts' axis. */
  second: number;
  text: string;
}

export interface ViewState {
  /** The seconds shown; null: all. */
  stretch: Stretch | null;
  /** Marked by keyboard, and not yet shown. */
  marked: Stretch | null;
  notes: readonly PlacedNote[];
}

/** What the charts of one screen share: the seconds they show, the cursor, the notes. */
export class ChartView {
  #state: ViewState = { stretch: null, marked: null, notes: [] };
  readonly #listeners = new Set<() => void>();
  /** The second under the cursor. Nobody is told of it: it moves with the mouse. */
  cursor: number | null = null;
  /** What happens when a note's mark is pressed. */
  onPick: (note: number) => void = () => {};

  readonly state = (): ViewState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Shows these seconds alone. */
  select(stretch: Stretch): void {
    this.#change({ stretch, marked: null });
  }

  mark(marked: Stretch | null): void {
    this.#change({ marked });
  }

  setNotes(notes: readonly PlacedNote[]): void {
    this.#change({ notes });
  }

  /** Drops what is marked; otherwise shows all seconds again. Whether there was anything to drop. */
  back(): boolean {
    const { stretch, marked } = this.#state;
    this.#change(marked ? { marked: null } : { stretch: null });
    return marked !== null || stretch !== null;
  }

  reset(): void {
    this.#change({ stretch: null, marked: null });
  }

  #change(part: Partial<ViewState>): void {
    const next = { ...this.#state, ...part };
    const { stretch, marked, notes } = this.#state;
    if (sameStretch(stretch, next.stretch)) next.stretch = stretch;
    if (sameStretch(marked, next.marked)) next.marked = marked;
    if (next.stretch === stretch && next.marked === marked && next.notes === notes) return;
    this.#state = next;
    for (const listener of this.#listeners) listener();
  }
}

const Context = createContext<ChartView | null>(null);

export const ChartViewProvider = Context.Provider;

/** The screen's view; a chart that stands alone has its own. */
export function useChartView(): ChartView {
  const shared = useContext(Context);
  const [own] = useState(() => new ChartView());
  return shared ?? own;
}

export const useViewState = (view: ChartView): ViewState => useSyncExternalStore(view.subscribe, view.state);
