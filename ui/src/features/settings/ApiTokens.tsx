import { Button, Group, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import type { ApiToken } from "@/api/types";
import { Confirm } from "@/components/Confirm";
import { type Column, DataTable } from "@/components/DataTable";
import { Section } from "@/components/layout";
import { Name } from "@/components/Name";
import { notifyDone, notifyFailure } from "@/components/notify";
import { Problem, RequestProblem } from "@/components/Problem";
import { shortMoment } from "@/model/format";
import { useApi } from "@/store/hooks";
import { text } from "@/text";
import { Secret } from "./LoginLinks";
import classes from "./settings.module.css";

const t = text.settings.tokens;
const KEY = ["api-tokens"];

/** Tokens for dashboards: list, make, take back. */
export function ApiTokens() {
  const api = useApi();
  const queries = useQueryClient();
  const [name, setName] = useState("");
  const [asked, setAsked] = useState<ApiToken | null>(null);
  const list = useQuery({ queryKey: KEY, queryFn: ({ signal }) => api.apiTokens(signal) });
  const changed = () => queries.invalidateQueries({ queryKey: KEY });
  const add = useMutation({
    mutationFn: api.addApiToken,
    onSuccess: () => {
      setName("");
      return changed();
    },
  });
  const remove = useMutation({
    mutationFn: (token: ApiToken) => api.removeApiToken(token.id),
    onSuccess: (_, token) => notifyDone(t.removed(token.name)),
    onError: notifyFailure,
    onSettled: () => {
      setAsked(null);
      return changed();
    },
  });
  const columns = useMemo(() => columnsOf(setAsked), []);
  return (
    <Section title={t.title}>
      <p className={classes.hint}>{t.hint}</p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim()) add.mutate(name.trim());
        }}
      >
        <Group gap={8} align="flex-end">
          <TextInput
            className={classes.name}
            label={t.name}
            placeholder={t.placeholder}
            maxLength={100}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" size="sm" loading={add.isPending} disabled={!name.trim()}>
            {t.add}
          </Button>
        </Group>
      </form>
      {add.error && (
        <div className={classes.notice}>
          <RequestProblem error={add.error} />
        </div>
      )}
      {add.data && (
        <div className={classes.notice}>
          <Problem
            tone="info"
            title={<Name>{t.once(add.data.token.name)}</Name>}
            actions={<Button onClick={() => add.reset()}>{t.done}</Button>}
            announce
          >
            {t.onceHint}
            <div className={classes.made}>
              <Secret label={t.secret} value={add.data.secret} />
              <Secret label={t.address} value={addressWith(add.data.secret)} />
            </div>
          </Problem>
        </div>
      )}
      {list.error ? (
        <RequestProblem
          error={list.error}
          actions={<Button onClick={() => list.refetch()}>{text.common.retry}</Button>}
        />
      ) : (
        <div className={classes.table}>
          <DataTable
            label={t.table}
            rows={list.data ?? []}
            columns={columns}
            rowId={(token) => token.id}
            empty={t.none}
          />
        </div>
      )}
      <Confirm
        opened={asked !== null}
        title={t.removeTitle}
        body={asked ? t.removeBody(asked.name) : ""}
        confirm={t.remove}
        cancel={text.common.cancel}
        busy={remove.isPending}
        danger
        onConfirm={() => asked && remove.mutate(asked)}
        onClose={() => setAsked(null)}
      />
    </Section>
  );
}

/** In the desktop window the page has an address of its own, of no use elsewhere. */
function addressWith(secret: string): string {
  const { origin, protocol } = window.location;
  return `${protocol === "http:" ? origin : "http://CONTROLLER:7411"}/#token=${secret}`;
}

function columnsOf(ask: (token: ApiToken) => void): readonly Column<ApiToken>[] {
  return [
    {
      id: "name",
      header: t.name,
      rowHeader: true,
      grow: true,
      value: (token) => token.name,
      cell: (token) => <Name>{token.name}</Name>,
    },
    {
      id: "made",
      header: t.made,
      value: (token) => token.created_ms,
      cell: (token) => shortMoment(token.created_ms),
    },
    {
      id: "actions",
      header: t.actions,
      quiet: true,
      sortable: false,
      value: () => null,
      cell: (token) => (
        <Button variant="subtle" color="gray" aria-label={t.removeOf(token.name)} onClick={() => ask(token)}>
          {t.remove}
        </Button>
      ),
    },
  ];
}
