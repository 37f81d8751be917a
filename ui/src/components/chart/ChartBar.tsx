import { Button } from "@mantine/core";
import { IconPinned, IconPlayerPause, IconPlayerPlay, IconZoomReset } from "@tabler/icons-react";
import { stretchText } from "@/model/stretch";
import { useMayChange } from "@/store/hooks";
import { text } from "@/text";
import { useCommand } from "../keys";
import classes from "./ChartBar.module.css";
import { type ChartView, useViewState } from "./view";

const t = text.figures;

interface Pause {
  paused: boolean;
  /** How far what is shown is behind the newest second, s. */
  behind: number;
  onPause: (paused: boolean) => void;
}

interface Props {
  view: ChartView;
  onNote: () => void;
  /** Of a run in progress. */
  pause?: Pause;
}

/** Above the charts of a run: which seconds are shown, whether they stand still, and a new note. */
export function ChartBar({ view, onNote, pause }: Props) {
  const { stretch, marked } = useViewState(view);
  useCommand("back", stretch || marked ? () => view.back() : null);
  const mayChange = useMayChange();
  useCommand("note", mayChange ? onNote : null);
  useCommand("pause", pause ? () => pause.onPause(!pause.paused) : null);
  const said = marked ? t.marked(stretchText(marked)) : stretch ? t.shown(stretchText(stretch)) : "";
  const held = pause?.paused ?? false;
  return (
    <section className={classes.bar} aria-label={t.label} data-kept={stretch || held ? true : undefined}>
      <div className={classes.said}>
        <output className={classes.stretch}>{said}</output>
        {!said && <span className={classes.hint}>{t.hint}</span>}
        {stretch && (
          <Button
            size="xs"
            variant="default"
            title={t.resetHint}
            leftSection={<IconZoomReset size={15} aria-hidden />}
            onClick={() => view.reset()}
          >
            {t.reset}
          </Button>
        )}
      </div>
      <div className={classes.actions}>
        {held && pause && <span className={classes.paused}>{t.paused(pause.behind)}</span>}
        {pause && (
          <Button
            size="xs"
            variant={held ? "filled" : "default"}
            title={t.pauseHint}
            aria-keyshortcuts="p"
            leftSection={
              held ? <IconPlayerPlay size={15} aria-hidden /> : <IconPlayerPause size={15} aria-hidden />
            }
            onClick={() => pause.onPause(!held)}
          >
            {held ? t.resume : t.pause}
          </Button>
        )}
        {mayChange && (
          <Button
            size="xs"
            variant="default"
            aria-keyshortcuts="n"
            leftSection={<IconPinned size={15} aria-hidden />}
            onClick={onNote}
          >
            {t.notes.add}
          </Button>
        )}
      </div>
    </section>
  );
}
