import {
  type Icon,
  IconChecklist,
  IconHistory,
  IconPlayerPlay,
  IconServer2,
  IconSettings,
} from "@tabler/icons-react";
import { NavLink } from "react-router";
import { isWaiting } from "@/model/agent";
import { useLive, useMayChange } from "@/store/hooks";
import { text } from "@/text";
import classes from "./Navigation.module.css";

/** The rail on the left: the places, and how many agents wait. */
export function Navigation() {
  const pending = useLive((state) => state.agents.filter(isWaiting).length);
  const mayChange = useMayChange();
  return (
    <nav className={classes.rail} aria-label={text.frame.navigation}>
      <img className={classes.brand} src="./icon.svg" alt={text.common.product} width="32" height="32" />
      <Place to="/agents" icon={IconServer2} label={text.frame.agents} badge={pending} />
      <Place to="/tests" icon={IconChecklist} label={text.frame.tests} />
      {mayChange && <Place to="/run" icon={IconPlayerPlay} label={text.frame.run} />}
      <Place to="/runs" icon={IconHistory} label={text.frame.runs} />
      <Place to="/settings" icon={IconSettings} label={text.settings.title} />
    </nav>
  );
}

function Place({
  to,
  icon: Glyph,
  label,
  badge = 0,
}: {
  to: string;
  icon: Icon;
  label: string;
  badge?: number;
}) {
  return (
    <NavLink to={to} className={classes.place}>
      <span className={classes.icon}>
        <Glyph size={22} stroke={1.6} aria-hidden />
        {badge > 0 && (
          <span className={classes.badge} title={text.frame.pending(badge)}>
            <span aria-hidden>{badge}</span>
          </span>
        )}
      </span>
      {label}
      {badge > 0 && <span className={classes.spoken}>{text.frame.pending(badge)}</span>}
    </NavLink>
  );
}
