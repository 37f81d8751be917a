import { Button, Group, Loader } from "@mantine/core";
import { IconFolder } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Name } from "@/components/Name";
import { Problem } from "@/components/Problem";
import type { Desktop, FolderProgress, SentFolder } from "@/host/host";
import { bytes } from "@/model/format";
import type { RunDraft } from "@/model/run-form";
import { useDesktop } from "@/store/hooks";
import { text } from "@/text";
import classes from "./RunForm.module.css";

const t = text.sending;

interface Props {
  /** The folder that the form has in the place of a repository. */
  snapshot: RunDraft["snapshot"];
  onSent: (snapshot: SentFolder["snapshot"]) => void;
}

/** Lets the user choose a folder on this computer and sends it to the controller; in the window alone. */
export function FolderOnComputer(props: Props) {
  const desktop = useDesktop();
  return desktop && <Sending {...props} desktop={desktop} />;
}

function Sending({ snapshot, onSent, desktop }: Props & { desktop: Desktop }) {
  const [progress, setProgress] = useState<FolderProgress | null>(null);
  const send = useMutation({
    mutationFn: (again: boolean) => {
      setProgress(null);
      return desktop.sendFolder(again, setProgress);
    },
    onSuccess: (sent) => {
      if (sent) onSent(sent.snapshot);
    },
  });
  const shown = send.data && send.data.snapshot.id === snapshot?.id ? send.data : null;
  return (
    <div className={classes.full}>
      <Group gap={8}>
        <Button
          size="sm"
          variant="default"
          leftSection={<IconFolder size={15} aria-hidden />}
          disabled={send.isPending}
          onClick={() => send.mutate(false)}
        >
          {snapshot ? t.other : t.choose}
        </Button>
        {shown && (
          <Button size="sm" variant="default" disabled={send.isPending} onClick={() => send.mutate(true)}>
            {t.again}
          </Button>
        )}
        {send.isPending && progress && (
          <Button size="sm" variant="default" onClick={() => desktop.stopFolder()}>
            {t.stop}
          </Button>
        )}
      </Group>
      <div className={classes.listed} aria-live="polite">
        {send.isPending ? (
          <span className={classes.listing}>
            <Loader size={12} aria-hidden /> {progress ? wordsOf(progress) : t.choosing}
          </span>
        ) : (
          shown && <Sent folder={shown} />
        )}
        {send.error && <Problem tone="bad" title={<Name>{send.error.message}</Name>} announce />}
      </div>
    </div>
  );
}

function Sent({ folder }: { folder: SentFolder }) {
  return (
    <>
      <span>{t.sent(folder.files, bytes(folder.bytes), bytes(folder.sent))}</span>
      {!folder.git && <p className={classes.line}>{t.noGit}</p>}
      {folder.parent_above && <p className={classes.line}>{t.parentAbove}</p>}
    </>
  );
}

const wordsOf = (progress: FolderProgress) =>
  progress.doing === "reading"
    ? t.reading(bytes(progress.bytes))
    : t.sending(bytes(progress.bytes), bytes(progress.all));
