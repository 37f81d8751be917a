import { Popover, UnstyledButton } from "@mantine/core";
import {
  IconAlertTriangle,
  IconBroadcast,
  IconBroadcastOff,
  IconFolder,
  IconKeyboard,
} from "@tabler/icons-react";
import { Name } from "@/components/Name";
import { portOf } from "@/model/agent";
import { useDesktop, useLive } from "@/store/hooks";
import { text } from "@/text";
import classes from "./Footer.module.css";
import { ThemeToggle } from "./ThemeToggle";

const t = text.frame.footer;

/** The controller: name, port, discovery, version, warnings. */
export function Footer({ onKeys }: { onKeys: () => void }) {
  const info = useLive((state) => state.info);
  const link = useLive((state) => state.link);
  const desktop = useDesktop();
  const status = link === "live" ? t.live : link === "connecting" ? t.connecting : t.lost;
  return (
    <footer className={classes.footer}>
      <span className={classes.link} data-live={link === "live" || undefined}>
        <span className={classes.dot} aria-hidden />
        {status}
      </span>
      {info && (
        <>
          <strong className={classes.name}>
            <Name>{info.name}</Name>
          </strong>
          <Addresses addresses={info.addresses} identity={info.identity} />
          <Discovery on={info.discovery} />
          <span>{t.version(info.version)}</span>
          {info.warnings.length > 0 && <Warnings warnings={info.warnings} />}
        </>
      )}
      <span className={classes.end}>
        {desktop && (
          <UnstyledButton className={classes.button} title={t.logsHint} onClick={desktop.openLogFolder}>
            <IconFolder size={15} aria-hidden /> {t.logs}
          </UnstyledButton>
        )}
        <UnstyledButton className={classes.button} onClick={onKeys}>
          <IconKeyboard size={15} aria-hidden /> {t.keys}
        </UnstyledButton>
        <ThemeToggle />
      </span>
    </footer>
  );
}

function Addresses({ addresses, identity }: { addresses: readonly string[]; identity: string }) {
  const port = portOf(addresses);
  return (
    <Popover position="top-start" withArrow shadow="md">
      <Popover.Target>
        <UnstyledButton className={classes.button}>{port ? t.port(port) : t.noAddress}</UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.details}>
        <strong>{t.addresses}</strong>
        <ul>
          {addresses.map((address) => (
            <li key={address}>
              <Name>{address}</Name>
            </li>
          ))}
        </ul>
        <strong>{t.identity}</strong>
        <p>
          <Name>{identity}</Name>
        </p>
      </Popover.Dropdown>
    </Popover>
  );
}

function Discovery({ on }: { on: boolean }) {
  const Glyph = on ? IconBroadcast : IconBroadcastOff;
  return (
    <span
      className={classes.discovery}
      data-off={!on || undefined}
      title={on ? undefined : t.discoveryOffHint}
    >
      <Glyph size={15} aria-hidden /> {on ? t.discoveryOn : t.discoveryOff}
    </span>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }) {
  return (
    <Popover position="top-start" withArrow shadow="md">
      <Popover.Target>
        <UnstyledButton className={classes.button} data-warn>
          <IconAlertTriangle size={15} aria-hidden /> {t.warnings(warnings.length)}
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.details}>
        <ul>
          {warnings.map((warning) => (
            <li key={warning}>
              <Name>{warning}</Name>
            </li>
          ))}
        </ul>
      </Popover.Dropdown>
    </Popover>
  );
}
