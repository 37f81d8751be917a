import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconChevronDown, IconDownload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import type { ReportFile, RunFile } from "@/api/client";
import type { Run } from "@/api/types";
import { notifyFailure } from "@/components/notify";
import { saveBlob } from "@/host/save";
import { useApi } from "@/store/hooks";
import { text } from "@/text";

const t = text.runs.detail;

const FILES: readonly RunFile[] = ["simulation-log", "output", "build-output"];

/** The files of one agent. Their names here are ours: an agent's name never becomes a file name. */
export function AgentFiles({ run, index, agent }: { run: Run; index: number; agent: string }) {
  const api = useApi();
  const download = useMutation({
    mutationFn: (file: RunFile) => api.file(run.id, index, file),
    onSuccess: (blob, file) => saveBlob(blob, `${run.id.slice(-8)}-agent-${index}-${t.file[file]}`),
    onError: notifyFailure,
  });
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <ActionIcon size="sm" aria-label={`${t.files}: ${agent}`} loading={download.isPending}>
          <IconDownload size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {FILES.map((file) => (
          <Menu.Item
            key={file}
            aria-label={t.download(t.file[file], agent)}
            onClick={() => download.mutate(file)}
          >
            {t.file[file]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const RESULT: readonly ReportFile[] = ["report.html", "stats.csv", "junit.xml", "summary.json"];

/**
 * The files of the merged result. They are saved, never shown here: the report's page has a script of its
 * own, and names that come from the tested project.
 */
export function DownloadResult({ run }: { run: Run }) {
  const api = useApi();
  const download = useMutation({
    mutationFn: (file: ReportFile) => api.reportFile(run.id, file),
    onSuccess: (blob, file) => saveBlob(blob, `${run.id.slice(-8)}-${file}`),
    onError: notifyFailure,
  });
  return (
    <Menu position="bottom-end" shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          leftSection={<IconDownload size={15} aria-hidden />}
          rightSection={<IconChevronDown size={14} aria-hidden />}
          loading={download.isPending}
        >
          {t.downloadResult}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {RESULT.map((file) => (
          <Menu.Item key={file} onClick={() => download.mutate(file)}>
            {t.resultFile[file]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
