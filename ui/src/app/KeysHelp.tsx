import { Modal } from "@mantine/core";
import { Fragment } from "react";
import { text } from "@/text";
import classes from "./KeysHelp.module.css";

const t = text.frame.keys;

const keys: readonly (readonly [keys: readonly string[], joined: string, meaning: string])[] = [
  [["g", "a"], t.joined, t.goAgents],
  [["g", "t"], t.joined, t.goTests],
  [["g", "r"], t.joined, t.goRun],
  [["g", "h"], t.joined, t.goRuns],
  [["g", "s"], t.joined, t.goSettings],
  [["/"], "", t.filter],
  [["Ctrl", "Enter"], "+", t.start],
  [["Ctrl", "."], "+", t.stop],
  [["←", "→"], "", t.chart],
  [["Shift", "→"], "+", t.mark],
  [["Enter"], "", t.zoom],
  [["Esc"], "", t.back],
  [["n"], "", t.note],
  [["p"], "", t.pause],
  [["?"], "", t.help],
];

export function KeysHelp({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t.title}
      closeButtonProps={{ "aria-label": text.common.close }}
    >
      <dl className={classes.list}>
        {keys.map(([names, joined, meaning]) => (
          <Fragment key={meaning}>
            <dt>
              {names.map((name, index) => (
                <Fragment key={name}>
                  {index > 0 && <span className={classes.joined}> {joined} </span>}
                  <kbd>{name}</kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{meaning}</dd>
          </Fragment>
        ))}
      </dl>
    </Modal>
  );
}
