import { type Icon, IconCheck, IconLoader2, IconMinus, IconPlugConnectedX, IconX } from "@tabler/icons-react";
import type { RunAgent } from "@/api/types";
import { STEPS, type StepState, stepStates } from "@/model/run";
import { text } from "@/text";
import classes from "./PhaseSteps.module.css";

const icons: Partial<Record<StepState, Icon>> = {
  active: IconLoader2,
  done: IconCheck,
  failed: IconX,
  lost: IconPlugConnectedX,
  cut: IconMinus,
};

/** The steps of a run on one agent: done, in progress, to do, or where it broke. */
export function PhaseSteps({ agent, ended }: { agent: RunAgent; ended: boolean }) {
  const states = stepStates(agent, ended);
  return (
    <ol className={classes.steps}>
      {STEPS.map((step) => {
        const state = states[step];
        const Glyph = icons[state];
        return (
          <li key={step} className={classes.step} data-state={state}>
            {Glyph && (
              <Glyph
                size={13}
                stroke={2.4}
                aria-hidden
                className={state === "active" ? classes.busy : undefined}
              />
            )}
            {text.run.steps[step]}
            <span className={classes.spoken}>: {text.run.stepStates[state]}</span>
          </li>
        );
      })}
    </ol>
  );
}
