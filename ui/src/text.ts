// Every word on the screen, in one typed catalogue. Parts by screen; a sentence with a value is a function.
import { agents } from "./text/agents";
import { common, errors, failures } from "./text/common";
import { figures } from "./text/figures";
import { frame } from "./text/frame";
import { health } from "./text/health";
import { output } from "./text/output";
import { run } from "./text/run";
import { runs } from "./text/runs";
import { settings } from "./text/settings";
import { link, sending } from "./text/source";
import { tests } from "./text/tests";
import { verdict } from "./text/verdict";

export const text = {
  common,
  errors,
  failures,
  frame,
  agents,
  figures,
  health,
  link,
  output,
  run,
  runs,
  sending,
  settings,
  tests,
  verdict,
} as const;
