import { Skeleton } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { Navigate, Route, Routes, useLocation } from "react-router";
import { useLive, useMayChange } from "@/store/hooks";
import { text } from "@/text";
import { Crash } from "./Crash";
import { Footer } from "./Footer";
import classes from "./Frame.module.css";
import { HeaderStrip } from "./HeaderStrip";
import { KeysHelp } from "./KeysHelp";
import { useGlobalKeys } from "./keys";
import { LostBanner } from "./LostBanner";
import { Navigation } from "./Navigation";
import { NotFound, ReadOnly } from "./NotFound";

const AgentsPage = lazy(() => import("@/features/agents/AgentsPage"));
const LinkedRunForm = lazy(() => import("@/features/run/LinkedRunForm"));
const TestsPage = lazy(() => import("@/features/tests/TestsPage"));
const TestPage = lazy(() => import("@/features/run/TestPage"));
const RunsPage = lazy(() => import("@/features/runs/RunsPage"));
const SettingsPage = lazy(() => import("@/features/settings/SettingsPage"));
const RunPage = lazy(() => import("./RunPage"));

/** What is always on the screen, with the routes inside it. */
export function Frame() {
  const [help, setHelp] = useState(false);
  useGlobalKeys(() => setHelp((open) => !open));
  const stale = useLive((state) => state.loaded && state.link !== "live");
  const mayChange = useMayChange();
  const { pathname } = useLocation();
  return (
    <div className={classes.frame}>
      <button type="button" className={classes.skip} onClick={skipToContent}>
        {text.frame.skip}
      </button>
      <Navigation />
      <div className={classes.column}>
        <HeaderStrip />
        <LostBanner />
        <main id="content" tabIndex={-1} className={classes.main} data-stale={stale || undefined}>
          <Crash resetKey={pathname}>
            <Suspense fallback={<Loading />}>
              <Routes>
                <Route path="/" element={<Navigate to="/agents" replace />} />
                <Route path="/agents" element={<AgentsPage />} />
                <Route path="/tests" element={<TestsPage />} />
                <Route path="/tests/:test" element={mayChange ? <TestPage /> : <ReadOnly />} />
                <Route path="/run" element={mayChange ? <LinkedRunForm /> : <ReadOnly />} />
                <Route path="/runs" element={<RunsPage />} />
                <Route path="/runs/:run" element={<RunPage />} />
                <Route path="/settings" element={<SettingsPage />} />
                <Route path="*" element={<NotFound />} />
              </Routes>
            </Suspense>
          </Crash>
        </main>
        <Footer onKeys={() => setHelp(true)} />
      </div>
      <KeysHelp opened={help} onClose={() => setHelp(false)} />
    </div>
  );
}

/** A button, as the fragment of a link would be a route. */
function skipToContent() {
  document.getElementById("content")?.focus();
}

function Loading() {
  return (
    <div className={classes.loading} aria-hidden>
      <Skeleton height={28} width={180} />
      <Skeleton height={160} />
      <Skeleton height={240} />
    </div>
  );
}
