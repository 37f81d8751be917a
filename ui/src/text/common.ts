export const common = {
  product: "BFG-G",
  copy: "Copy",
  copied: "Copied",
  copyFailed: "Could not copy. Select the text and copy it by hand.",
  cancel: "Cancel",
  close: "Close",
  retry: "Try again",
  loading: "Loading…",
  none: "–",
  filter: "Filter",
  sortBy: (column: string) => `Sort by ${column}`,
  expand: (name: string) => `Expand ${name}`,
  collapse: (name: string) => `Collapse ${name}`,
  rows: (shown: number, all: number) => (shown === all ? `${all}` : `${shown} of ${all}`),
  agents: (count: number) => (count === 1 ? "1 agent" : `${count} agents`),
} as const;

export const errors = {
  unexpectedAnswer: (status: number) =>
    `The controller's answer (HTTP ${status}) was not one this page understands.`,
  unexpectedAnswerHint: "Reload the page; if it stays, page and controller may be of different versions.",
  unreachable: "The controller did not answer.",
  unreachableHint: "Check that bfgg serve or the app is still running, then try again.",
  pageErrorHint: "Reload the page. If it happens again, please report it with this message.",
  crashed: "This screen could not be shown.",
  reload: "Reload",
} as const;

export const failures = {
  ticket: "Copy for a ticket",
  everyone: "All agents",
  output: "Show output",
  hideOutput: "Hide output",
  during: (phase: string) => `during ${phase}`,
} as const;
