import { Button, Skeleton } from "@mantine/core";
import { IconListDetails, IconPlus } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { asFailure } from "@/api/error";
import type { Test } from "@/api/types";
import { DataTable } from "@/components/DataTable";
import { FilterInput } from "@/components/FilterInput";
import { Empty, Page, Section } from "@/components/layout";
import { MayChange } from "@/components/MayChange";
import { Name } from "@/components/Name";
import { Problem } from "@/components/Problem";
import { matchesTest } from "@/model/test";
import { useLive } from "@/store/hooks";
import { text } from "@/text";
import { useStart } from "./actions";
import { NoTests } from "./NoTests";
import { testColumns } from "./test-columns";

const t = text.tests;

/** Last result of each? */
export default function TestsPage() {
  const navigate = useNavigate();
  const [filter, setFilter] = useState("");
  const tests = useLive((state) => state.tests);
  const runs = useLive((state) => state.runs);
  const loaded = useLive((state) => state.loaded);
  const shown = useMemo(() => tests.filter((test) => matchesTest(test, filter)), [tests, filter]);
  const start = useStart();
  const starting = start.isPending ? start.variables.id : null;
  const begin = start.mutate;
  const columns = useMemo(() => testColumns(runs, starting, begin), [runs, starting, begin]);
  return (
    <Page
      title={t.title}
      actions={
        tests.length > 0 && (
          <MayChange>
            <Button component={Link} to="/run" leftSection={<IconPlus size={14} aria-hidden />}>
              {t.newTest}
            </Button>
          </MayChange>
        )
      }
    >
      {start.error && <NotStarted test={start.variables} error={start.error} />}
      {tests.length > 0 ? (
        <Section
          title={t.table.heading}
          aside={text.common.rows(shown.length, tests.length)}
          actions={<FilterInput value={filter} onChange={setFilter} />}
          flush
        >
          <DataTable
            label={t.table.label}
            rows={shown}
            columns={columns}
            rowId={(test) => test.id}
            empty={t.noMatch}
            initialSort={{ column: "name", descending: false }}
            onRowClick={(test) => navigate(`/tests/${test.id}`)}
          />
        </Section>
      ) : loaded ? (
        <MayChange otherwise={<NoneToSee />}>
          <NoTests />
        </MayChange>
      ) : (
        <Skeleton height={240} />
      )}
    </Page>
  );
}

function NoneToSee() {
  return <Empty icon={<IconListDetails size={32} stroke={1.5} />} title={t.noneToSee} />;
}

/** Why a test could not be started, by its name. */
function NotStarted({ test, error }: { test: Test; error: unknown }) {
  const failure = asFailure(error);
  return (
    <Problem tone="bad" title={<Name>{t.notStarted(test.name)}</Name>} announce>
      <Name>{[failure.message, failure.hint].filter(Boolean).join(" ")}</Name>
    </Problem>
  );
}
