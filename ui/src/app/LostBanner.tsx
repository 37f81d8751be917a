import { IconPlugConnectedX } from "@tabler/icons-react";
import { useNow } from "@/components/use-now";
import { age } from "@/model/format";
import { useLive, useLiveStore } from "@/store/hooks";
import { text } from "@/text";
import classes from "./LostBanner.module.css";

const t = text.frame.lost;

/** Says that what is shown is old, and how old. */
export function LostBanner() {
  const lost = useLive((state) => state.link === "lost" || (state.loaded && state.link === "connecting"));
  return lost ? <Banner /> : null;
}

function Banner() {
  const live = useLiveStore();
  const loaded = useLive((state) => state.loaded);
  const failure = useLive((state) => state.linkFailure);
  const now = useNow();
  return (
    <section className={classes.banner} aria-label={t.title}>
      <IconPlugConnectedX size={18} aria-hidden />
      <strong role="alert">{t.title}</strong>
      <span data-testid="last-update">{loaded ? t.lastUpdate(age(now - live.heardAt())) : t.never}</span>
      {!loaded && failure && <span>{failure.hint}</span>}
    </section>
  );
}
