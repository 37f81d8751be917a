import { Loader } from "@mantine/core";
import { IconRadar2 } from "@tabler/icons-react";
import { Empty } from "@/components/layout";
import { useNow } from "@/components/use-now";
import { portOf } from "@/model/agent";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import classes from "./NoAgents.module.css";
import { LocalProblem, StartHere } from "./ThisComputer";

const t = text.agents.empty;

/** After this long something is probably in the way. */
const PATIENCE_MS = 15_000;

/** No agent yet: one can be had here at once; else it is looking, and after a while says what may be in the way. */
export function NoAgents() {
  const since = useLive((state) => state.since);
  const port = useLive((state) => portOf(state.info?.addresses ?? [])) ?? "7410";
  const local = useLive((state) => state.localAgent);
  const now = useNow();
  const long = since !== null && now - since > PATIENCE_MS;
  return (
    <section className={classes.box}>
      <Empty icon={<IconRadar2 size={36} stroke={1.4} />} title={t.scanning}>
        <Loader type="dots" size="sm" aria-hidden />
        <p className={classes.hint}>{t.scanningHint}</p>
        <p className={classes.or}>{t.or}</p>
        <StartHere />
        <LocalProblem local={local} />
        {long && (
          <div className={classes.checklist}>
            <p>{t.checklist}</p>
            <ul>
              <li>{t.firewall(port)}</li>
              <li>{t.vpn}</li>
              <li>{t.multicast}</li>
              <li>{t.subnet}</li>
            </ul>
          </div>
        )}
      </Empty>
    </section>
  );
}
