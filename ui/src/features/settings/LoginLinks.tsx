import { Button, Group, SegmentedControl, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { Rights } from "@/api/types";
import { Confirm } from "@/components/Confirm";
import { CopyButton } from "@/components/CopyButton";
import { Section } from "@/components/layout";
import { notifyDone, notifyFailure } from "@/components/notify";
import { RequestProblem } from "@/components/Problem";
import { shortMoment } from "@/model/format";
import { useApi } from "@/store/hooks";
import { text } from "@/text";
import classes from "./settings.module.css";

const t = text.settings.link;
const RIGHTS: readonly { value: Rights; label: string }[] = [
  { value: "all", label: t.all },
  { value: "read", label: t.read },
];

/** Makes links that let other browsers in. */
export function LoginLinks() {
  const api = useApi();
  const [rights, setRights] = useState<Rights>("all");
  const [asking, setAsking] = useState(false);
  const make = useMutation({ mutationFn: api.loginLink });
  const outAll = useMutation({
    mutationFn: api.logOutAll,
    onSuccess: () => {
      make.reset();
      notifyDone(t.allOut);
    },
    onError: notifyFailure,
    onSettled: () => setAsking(false),
  });
  return (
    <Section
      title={t.title}
      actions={
        <Button variant="subtle" color="gray" onClick={() => setAsking(true)}>
          {t.outAll}
        </Button>
      }
    >
      <p className={classes.hint}>{t.hint}</p>
      <Group gap={8}>
        <SegmentedControl
          aria-label={t.rights}
          data={[...RIGHTS]}
          value={rights}
          onChange={(value) => {
            setRights(value as Rights);
            make.reset();
          }}
        />
        <Button size="sm" loading={make.isPending} onClick={() => make.mutate(rights)}>
          {t.make}
        </Button>
      </Group>
      {make.error && (
        <div className={classes.notice}>
          <RequestProblem error={make.error} />
        </div>
      )}
      {make.data && (
        <div className={classes.made} role="status">
          {make.data.urls.map((url, index) => (
            <Secret key={url} label={t.label(index)} value={url} />
          ))}
          <p className={classes.hint}>{t.until(shortMoment(make.data.until_ms))}</p>
        </div>
      )}
      <Confirm
        opened={asking}
        title={t.outAllTitle}
        body={t.outAllBody}
        confirm={t.outAll}
        cancel={text.common.cancel}
        busy={outAll.isPending}
        danger
        onConfirm={() => outAll.mutate()}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}

/** Something to be copied, and seen meanwhile. */
export function Secret({ label, value }: { label: string; value: string }) {
  return (
    <Group gap={8} wrap="nowrap" align="flex-end">
      <TextInput
        className={classes.secret}
        classNames={{ input: classes.code }}
        label={label}
        readOnly
        value={value}
        onFocus={(event) => event.currentTarget.select()}
      />
      <CopyButton size="sm" value={value} />
    </Group>
  );
}
