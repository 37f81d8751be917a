import { Button, Group } from "@mantine/core";
import { IconFlask } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { Link, useNavigate } from "react-router";
import { Section } from "@/components/layout";
import { notifyFailure } from "@/components/notify";
import { useApi } from "@/store/hooks";
import { text } from "@/text";
import classes from "./AddAgents.module.css";

const t = text.agents.first;

/** An agent is there and nothing has run yet: the sample, or a project of one's own. */
export function FirstTest({ sample }: { sample: boolean }) {
  return (
    <Section title={t.title}>
      {sample && <p className={classes.hint}>{t.hint}</p>}
      <Group gap={8}>
        {sample && <TrySample />}
        <Button size="sm" variant={sample ? "default" : "filled"} component={Link} to="/run">
          {t.own}
        </Button>
      </Group>
    </Section>
  );
}

/** Opens the form with the sample filled in. */
function TrySample() {
  const api = useApi();
  const navigate = useNavigate();
  const sample = useMutation({
    mutationFn: api.sample,
    onSuccess: ({ spec }) => navigate("/run", { state: { spec } }),
    onError: notifyFailure,
  });
  return (
    <Button
      size="sm"
      leftSection={<IconFlask size={16} aria-hidden />}
      loading={sample.isPending}
      onClick={() => sample.mutate()}
    >
      {t.sample}
    </Button>
  );
}
