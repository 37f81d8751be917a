import { Link } from "react-router";
import type { Run, TestRef } from "@/api/types";
import { commit, duration, moment, NONE } from "@/model/format";
import { elapsedSeconds, isActive } from "@/model/run";
import { sourceText } from "@/model/source";
import { writeStopRule } from "@/model/stop-rule";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { CopyButton } from "./CopyButton";
import { type Fact, Facts } from "./layout";
import { Name } from "./Name";
import classes from "./RunFacts.module.css";

const t = text.runs.detail.facts;

/** What ran: source, commit, settings, and where the files are. */
export function RunFacts({ run }: { run: Run }) {
  const { spec } = run;
  const word = (key: string, value: string) => <Name key={key}>{value || NONE}</Name>;
  const entries: Fact[] = [
    [t.started, moment(run.started_ms ?? run.created_ms)],
    [
      isActive(run) ? text.run.form.previewMax : t.duration,
      isActive(run) ? duration(spec.max_duration_s) : duration(elapsedSeconds(run, 0)),
    ],
    [spec.source.snapshot ? t.sentFolder : t.source, word("source", sourceText(spec.source)), "wide"],
    ...(spec.source.snapshot
      ? []
      : [
          [
            t.reference,
            word("reference", spec.source.reference ?? text.run.form.referencePlaceholder),
          ] satisfies Fact,
        ]),
    [
      spec.source.snapshot ? t.snapshot : t.commit,
      run.commit ? (
        <code key="commit" title={run.commit}>
          {commit(run.commit)}
        </code>
      ) : (
        NONE
      ),
    ],
    [t.gatling, word("gatling", run.gatling ?? "")],
  ];
  if (spec.parameters.length > 0) entries.push([t.parameters, <Parameters key="parameters" run={run} />]);
  if (spec.java_options.length > 0) entries.push([t.java, word("java", spec.java_options.join(" "))]);
  if (spec.on_loss === "stop") entries.push([t.onLoss, text.run.form.losses.stop]);
  if (spec.stop_if.length > 0) {
    entries.push([t.stopIf, word("rules", spec.stop_if.map(writeStopRule).join(", ")), "wide"]);
  }
  if (spec.dead_man_s) entries.push([t.deadMan, duration(spec.dead_man_s)]);
  if (run.revision > 1) entries.push([t.revision, String(run.revision)]);
  if (run.test) entries.push([t.test, <OfTest key="test" test={run.test} />]);
  if (spec.description) entries.push([t.description, word("description", spec.description)]);
  return (
    <>
      <Facts entries={entries} />
      <div className={classes.folder}>
        <Facts
          entries={[
            [t.folder, <code key="folder">{run.folder}</code>],
            [t.id, <code key="id">{run.id}</code>],
          ]}
        />
        <CopyButton value={run.folder} label={text.runs.detail.copyFolder} />
      </div>
    </>
  );
}

/** The test it was started from; a link while that is there. */
function OfTest({ test }: { test: TestRef }) {
  const there = useLive((state) => state.tests.some(({ id }) => id === test.id));
  const name = <Name>{test.changed ? t.testChanged(test.name) : test.name}</Name>;
  return there ? <Link to={`/tests/${test.id}`}>{name}</Link> : name;
}

function Parameters({ run }: { run: Run }) {
  return (
    <ul className={classes.parameters}>
      {run.spec.parameters.map(({ name, value }) => (
        <li key={name}>
          <Name>{`${name} = ${value}`}</Name>
          {run.spec.divide.includes(name) && ` (${text.runs.detail.divided})`}
        </li>
      ))}
    </ul>
  );
}

/** What a ticket about this run should name. */
export function ticketContext(run: Run): string[] {
  const { url, reference, folder, snapshot } = run.spec.source;
  return [
    `run ${run.id}`,
    snapshot
      ? sourceText(run.spec.source)
      : [url, reference && `@ ${reference}`, folder].filter(Boolean).join(" "),
    run.commit ? `${snapshot ? "snapshot" : "commit"} ${run.commit}` : "",
  ].filter(Boolean);
}
