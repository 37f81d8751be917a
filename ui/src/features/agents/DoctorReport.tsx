import { Button, Group, Loader, Text, Title } from "@mantine/core";
import { IconStethoscope } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { Agent, Check } from "@/api/types";
import { CopyButton } from "@/components/CopyButton";
import { Name } from "@/components/Name";
import { RequestProblem } from "@/components/Problem";
import { CheckPill } from "@/components/states";
import { visible } from "@/model/visible";
import { useApi } from "@/store/hooks";
import { text } from "@/text";
import classes from "./AgentDrawer.module.css";

const t = text.agents.doctor;

/** Lets the agent check itself, and shows each line with what to do. */
export function DoctorReport({ agent, start }: { agent: Agent; start: boolean }) {
  const api = useApi();
  const doctor = useMutation({ mutationFn: () => api.doctor(agent.id) });
  const { mutate } = doctor;
  const started = useRef(false);
  useEffect(() => {
    if (!start || started.current) return;
    started.current = true;
    mutate();
  }, [start, mutate]);
  const checks = doctor.data?.report.checks;
  return (
    <section aria-label={t.title}>
      <div className={classes.doctorHead}>
        <Title order={3}>{t.title}</Title>
        {checks && <Text size="sm">{verdict(checks)}</Text>}
        <Button
          variant="default"
          leftSection={<IconStethoscope size={14} aria-hidden />}
          loading={doctor.isPending}
          onClick={() => mutate()}
        >
          {checks ? t.again : t.run}
        </Button>
      </div>
      {doctor.isPending && (
        <Group gap="xs">
          <Loader size="xs" aria-hidden />
          <Text size="sm">{t.running}</Text>
        </Group>
      )}
      {doctor.error && <RequestProblem error={doctor.error} />}
      {checks && !doctor.isPending && (
        <ul className={classes.checks}>
          {checks.map((check) => (
            <CheckLine key={`${check.name} ${check.value}`} check={check} />
          ))}
        </ul>
      )}
    </section>
  );
}

function CheckLine({ check }: { check: Check }) {
  return (
    <li className={classes.check}>
      <CheckPill status={check.status} />
      <div>
        <strong>
          <Name>{check.name}</Name>
        </strong>{" "}
        <span className={classes.value}>
          <Name>{check.value}</Name>
        </span>
        {check.hint && (
          <p className={classes.fix}>
            <Name>{check.hint}</Name>
          </p>
        )}
        {check.lines && check.lines.length > 0 && <Lines lines={check.lines} />}
      </div>
    </li>
  );
}

/** What to paste. */
function Lines({ lines }: { lines: readonly string[] }) {
  const all = lines.map(visible).join("\n");
  return (
    <div className={classes.lines}>
      <pre>{all}</pre>
      <CopyButton value={all} label={t.copyLines} />
    </div>
  );
}

function verdict(checks: readonly Check[]): string {
  const count = (status: Check["status"]) => checks.filter((check) => check.status === status).length;
  const [fail, warn] = [count("fail"), count("warn")];
  return fail + warn === 0 ? t.allGood : t.counts(fail, warn);
}
