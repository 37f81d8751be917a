import { Button, Skeleton } from "@mantine/core";
import { IconHistory, IconPlayerPlay } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { DataTable } from "@/components/DataTable";
import { FilterInput } from "@/components/FilterInput";
import { Empty, Page, Section } from "@/components/layout";
import { MayChange } from "@/components/MayChange";
import { Problem } from "@/components/Problem";
import { matchesFilter, mergeRuns } from "@/model/run";
import { useApi, useLive } from "@/store/hooks";
import { text } from "@/text";
import { RUN_COLUMNS } from "./run-columns";

const t = text.runs;

/** Every run of this controller, the newest first. */
export default function RunsPage() {
  const api = useApi();
  const navigate = useNavigate();
  const [filter, setFilter] = useState("");
  const live = useLive((state) => state.runs);
  const loaded = useLive((state) => state.loaded);
  const listed = useQuery({ queryKey: ["runs"], queryFn: ({ signal }) => api.runs(signal), enabled: loaded });
  const runs = useMemo(() => mergeRuns(listed.data ?? [], live), [listed.data, live]);
  const shown = useMemo(() => runs.filter((run) => matchesFilter(run, filter)), [runs, filter]);
  const start = (
    <MayChange>
      <Button component={Link} to="/run" leftSection={<IconPlayerPlay size={14} aria-hidden />}>
        {t.start}
      </Button>
    </MayChange>
  );
  return (
    <Page title={t.title} actions={start}>
      {listed.error && <Problem tone="warn" title={t.onlyLive} />}
      {runs.length > 0 ? (
        <Section
          title={t.table.heading}
          aside={text.common.rows(shown.length, runs.length)}
          actions={<FilterInput value={filter} onChange={setFilter} />}
          flush
        >
          <DataTable
            label={t.table.label}
            rows={shown}
            columns={RUN_COLUMNS}
            rowId={(run) => run.id}
            empty={t.noMatch}
            onRowClick={(run) => navigate(`/runs/${run.id}`)}
          />
        </Section>
      ) : loaded && !listed.isLoading ? (
        <Empty icon={<IconHistory size={36} stroke={1.4} />} title={t.empty}>
          {start}
        </Empty>
      ) : (
        <Skeleton height={240} />
      )}
    </Page>
  );
}
