import type { StretchCount } from "@/api/types";

const responses = (count: number) => (count === 1 ? "1 response" : `${count} responses`);

/** What a run's charts and tables can be asked: a stretch of seconds, a pause, notes. */
export const figures = {
  label: "Charts and tables",
  hint: "Drag over a chart to choose seconds; the tables then show these alone.",
  stretch: (from: string, until: string, seconds: number) => `${from} to ${until}, ${seconds} s`,
  shown: (stretch: string) => `Showing ${stretch}`,
  marked: (stretch: string) => `Marked: ${stretch}. Enter shows it, Escape drops it.`,
  only: (stretch: string) => `${stretch} only`,
  all: "of the whole run",
  reset: "Reset",
  resetHint: "Show the whole run again",
  counting: "Counting…",
  counted: {
    ended:
      "Responses that ended in these seconds, counted in the agents' logs. Rates are over these seconds.",
    told: "Responses that the agents told of these seconds: what their logs had about 0.1 s after each. Rates are over these seconds.",
  } satisfies Record<StretchCount, string>,
  edges: (outside: number, elsewhere: number) => {
    const parts = [
      outside > 0 ? `${responses(outside)} here ended just outside of them` : "",
      elsewhere > 0 ? `${responses(elsewhere)} that ended within them count next to them` : "",
    ].filter(Boolean);
    return `At the edges: ${parts.join(", and ")}. In the result the logs decide.`;
  },
  pause: "Pause view",
  pauseHint: "Holds charts and tables still; the data go on arriving",
  resume: "Resume",
  paused: (seconds: number) => (seconds > 0 ? `Paused, ${seconds} s behind` : "Paused"),
  notes: {
    title: "Pinned notes",
    add: "Add note",
    addTitle: "Add a note",
    editTitle: "Change the note",
    removeTitle: "Remove this note?",
    text: "Note",
    textHint: (left: number) => (left === 1 ? "1 character left" : `${left} characters left`),
    at: "At",
    atHint: "Time in the run, such as 1:10",
    atWrong: "Write the time in the run as 1:10 or 1:02:03.",
    save: "Save",
    remove: "Remove",
    keep: "Keep it",
    edit: (at: string) => `Change the note at ${at}`,
    removeOf: (at: string) => `Remove the note at ${at}`,
    mark: (at: string, note: string) => `Note at ${at}: ${note}`,
  },
} as const;
