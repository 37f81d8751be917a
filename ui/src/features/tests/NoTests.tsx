import { Button, Group, TextInput } from "@mantine/core";
import { IconChecklist, IconFlask } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";
import { Empty } from "@/components/layout";
import { RequestProblem } from "@/components/Problem";
import { useApi, useLive } from "@/store/hooks";
import { text } from "@/text";
import classes from "./tests.module.css";

const t = text.tests.empty;

/** No test yet: one of a project of one's own, or of the sample. */
export function NoTests() {
  const navigate = useNavigate();
  const [url, setUrl] = useState("");
  return (
    <section className={classes.none}>
      <Empty icon={<IconChecklist size={36} stroke={1.4} />} title={t.title}>
        <p className={classes.hint}>{t.hint}</p>
        <form
          className={classes.create}
          onSubmit={(event) => {
            event.preventDefault();
            navigate("/run", { state: { url: url.trim() } });
          }}
        >
          <TextInput
            className={classes.url}
            label={t.url}
            placeholder={t.urlPlaceholder}
            autoComplete="off"
            spellCheck={false}
            value={url}
            onChange={(event) => setUrl(event.currentTarget.value)}
          />
          <Button type="submit" size="sm">
            {t.create}
          </Button>
        </form>
        <p className={classes.hint}>{t.or}</p>
        <SampleTest />
      </Empty>
    </section>
  );
}

/** The sample runs on the agent on this computer alone. */
function SampleTest() {
  const api = useApi();
  const navigate = useNavigate();
  const there = useLive((state) => state.localAgent.state === "on");
  const sample = useMutation({
    mutationFn: api.sample,
    onSuccess: ({ spec }) => navigate("/run", { state: { spec, saveAs: t.sampleName } }),
  });
  return (
    <>
      <Group gap={10}>
        <Button
          size="sm"
          variant="default"
          leftSection={<IconFlask size={16} aria-hidden />}
          disabled={!there}
          loading={sample.isPending}
          onClick={() => sample.mutate()}
        >
          {t.sample}
        </Button>
      </Group>
      {!there && (
        <p className={classes.hint}>
          {t.sampleHint} <Link to="/agents">{t.sampleAgent}</Link>.
        </p>
      )}
      {sample.error && <RequestProblem error={sample.error} />}
    </>
  );
}
