import { Button, SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Facts, Page, Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { notifyFailure } from "@/components/notify";
import { Problem } from "@/components/Problem";
import { useApi, useLive, useMayChange, useSession } from "@/store/hooks";
import { text } from "@/text";
import { ApiTokens } from "./ApiTokens";
import { LoginLinks } from "./LoginLinks";
import classes from "./settings.module.css";

const t = text.settings;

/** Who may use the page, what the controller is, and how the page looks. */
export default function SettingsPage() {
  const mayChange = useMayChange();
  const session = useSession();
  return (
    <Page title={t.title}>
      {mayChange ? (
        <>
          <LoginLinks />
          <ApiTokens />
        </>
      ) : (
        <Problem tone="info" title={t.readOnly} />
      )}
      {session && <ThisBrowser />}
      <ThisController />
      <Appearance />
    </Page>
  );
}

function ThisBrowser() {
  const api = useApi();
  const out = useMutation({
    mutationFn: api.logOut,
    // The page asks anew to be let in.
    onSuccess: () => window.location.reload(),
    onError: notifyFailure,
  });
  return (
    <Section title={t.session.title}>
      <p className={classes.hint}>{t.session.hint}</p>
      <Button variant="default" size="sm" loading={out.isPending} onClick={() => out.mutate()}>
        {t.session.logOut}
      </Button>
    </Section>
  );
}

function ThisController() {
  const info = useLive((state) => state.info);
  if (!info) return null;
  const c = t.controller;
  const discovery = info.discovery ? text.frame.footer.discoveryOn : text.frame.footer.discoveryOff;
  return (
    <Section title={c.title}>
      <Facts
        entries={[
          [c.name, <Name key="name">{info.name}</Name>],
          [c.version, info.version],
          [c.discovery, discovery],
          [c.peer, <Name key="peer">{info.peer}</Name>, "wide"],
          [c.addresses, <Name key="at">{info.addresses.join(", ")}</Name>, "wide"],
          [c.key, <Name key="key">{info.identity}</Name>, "wide"],
        ]}
      />
    </Section>
  );
}

const { light, dark, auto } = text.frame.theme;
const SCHEMES = [
  { value: "light", label: light },
  { value: "dark", label: dark },
  { value: "auto", label: auto },
];

function Appearance() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Section title={t.appearance.title}>
      <SegmentedControl
        aria-label={t.appearance.colours}
        data={SCHEMES}
        value={colorScheme}
        onChange={(value) => setColorScheme(value as typeof colorScheme)}
      />
    </Section>
  );
}
