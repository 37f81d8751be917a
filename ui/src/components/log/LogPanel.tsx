import { Button, NativeSelect, SegmentedControl, Switch } from "@mantine/core";
import { IconDownload, IconTerminal2 } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import type { ApiFailure } from "@/api/error";
import type { Printer, Run, RunAgent } from "@/api/types";
import { saveBlob } from "@/host/save";
import { integer } from "@/model/format";
import { likelyAgent, likelyPrinter, type OutputLog } from "@/model/output";
import { visible } from "@/model/visible";
import { useApi } from "@/store/hooks";
import { text } from "@/text";
import { CopyButton } from "../CopyButton";
import { Section } from "../layout";
import { Name } from "../Name";
import { notifyFailure } from "../notify";
import { Problem } from "../Problem";
import { textOf, wholeText } from "./download";
import { LogLines } from "./LogLines";
import classes from "./LogPanel.module.css";
import { useOutput } from "./use-output";

const t = text.output;

interface Props {
  run: Run;
  /** Whether it is shown without being asked for. */
  open: boolean;
}

/** What build and Gatling print on the agents, one output at a time. */
export function LogPanel({ run, open: atFirst }: Props) {
  const [open, setOpen] = useState(atFirst);
  const [index, setIndex] = useState<number | null>(null);
  const [printer, setPrinter] = useState<Printer | null>(null);
  const leaving = useLeaving();
  const agent = run.agents.find((own) => own.index === index) ?? likelyAgent(run);
  if (!agent) return null;
  const toggle = (
    <Button
      variant="default"
      leftSection={<IconTerminal2 size={15} aria-hidden />}
      aria-expanded={open}
      onClick={() => setOpen(!open)}
    >
      {open ? t.hide : t.show}
    </Button>
  );
  return (
    <Section title={t.title} aside={t.hint} actions={toggle} flush>
      {open && (
        <Output
          run={run}
          agent={agent}
          printer={printer ?? likelyPrinter(agent)}
          onAgent={setIndex}
          onPrinter={setPrinter}
          leaving={leaving}
        />
      )}
    </Section>
  );
}

interface OutputProps {
  run: Run;
  agent: RunAgent;
  printer: Printer;
  onAgent: (index: number) => void;
  onPrinter: (printer: Printer) => void;
  /** What ends with the page. */
  leaving: () => AbortSignal;
}

function Output({ run, agent, printer, onAgent, onPrinter, leaving }: OutputProps) {
  const api = useApi();
  const [following, setFollowing] = useState(true);
  const of = { run: run.id, index: agent.index, printer };
  const { log, failure, again } = useOutput(of, String(run.revision));
  // What somebody reads does not change by itself to the log that comes next.
  const follow = (next: boolean) => {
    setFollowing(next);
    if (next) return;
    onAgent(agent.index);
    onPrinter(printer);
  };
  const label = t.label(t.printers[printer], visible(agent.name));
  const download = useMutation({
    mutationFn: () => wholeText(api, of, leaving()),
    onSuccess: (whole) =>
      saveBlob(
        new Blob([whole], { type: "text/plain;charset=utf-8" }),
        // An agent's name never becomes a file name.
        `${run.id.slice(-8)}-agent-${agent.index}-${printer}.txt`,
      ),
    onError: (error) => {
      if (!leaving().aborted) notifyFailure(error);
    },
  });
  return (
    <>
      <div className={classes.bar}>
        <NativeSelect
          size="xs"
          aria-label={t.agent}
          value={String(agent.index)}
          onChange={(event) => {
            onAgent(Number(event.currentTarget.value));
            setFollowing(true);
          }}
          data={run.agents.map((own) => ({ value: String(own.index), label: visible(own.name) }))}
        />
        <SegmentedControl
          size="xs"
          aria-label={t.which}
          value={printer}
          onChange={(value) => {
            onPrinter(value);
            setFollowing(true);
          }}
          data={(["build", "gatling"] as const).map((value) => ({ value, label: t.printers[value] }))}
        />
        <Status log={log} following={following} />
        <div className={classes.actions}>
          <Switch
            size="xs"
            label={t.follow}
            checked={following}
            // Not `disabled`: who has the focus on it when the log ends would lose it.
            aria-disabled={log.ended || undefined}
            className={log.ended ? classes.over : undefined}
            onChange={(event) => {
              if (!log.ended) follow(event.currentTarget.checked);
            }}
          />
          <CopyButton
            value={() => textOf(log.blocks.flatMap(({ rows }) => rows))}
            disabled={log.count === 0}
          />
          <Button
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            loading={download.isPending}
            disabled={log.count === 0}
            onClick={() => download.mutate()}
          >
            {t.download}
          </Button>
        </div>
      </div>
      {failure && <Refused failure={failure} again={again} />}
      <LogLines
        log={log}
        label={label}
        following={following}
        onFollow={follow}
        empty={failure ? "" : log.ended ? t.empty.ended : t.empty.waiting}
      />
    </>
  );
}

/** The signal that the page is left, as it is when it is asked for. */
function useLeaving(): () => AbortSignal {
  const leave = useRef(new AbortController());
  useEffect(() => {
    // Mounted again it is a new one.
    if (leave.current.signal.aborted) leave.current = new AbortController();
    return () => leave.current.abort();
  }, []);
  return () => leave.current.signal;
}

/** How much there is, and whether more is awaited. */
function Status({ log, following }: { log: OutputLog; following: boolean }) {
  if (log.next === null) return null;
  const count = log.cut ? t.most(integer(log.count)) : t.lines(log.count, integer(log.count));
  const state = log.ended ? t.state.ended : following ? t.state.following : t.state.paused;
  return (
    <span className={classes.status}>
      {count}, {state}
    </span>
  );
}

/** Why there is no log, or no more of it. */
function Refused({ failure, again }: { failure: ApiFailure; again: boolean }) {
  return (
    <div className={classes.problem}>
      <Problem tone={again ? "warn" : "info"} title={<Name>{failure.message}</Name>}>
        {again ? t.away : <Name>{failure.hint}</Name>}
      </Problem>
    </div>
  );
}
