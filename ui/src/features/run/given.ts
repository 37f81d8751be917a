import { useEffect, useState } from "react";
import { useLocation, useNavigate } from "react-router";
import type { Run, RunSpec } from "@/api/types";

/** What the form was opened with. */
export interface Given {
  /** A run to repeat. */
  rerun?: Run;
  /** Settings to begin with. */
  spec?: RunSpec;
  /** A repository to begin with. */
  url?: string;
  /** The form asks at once for the name of a test to be saved, with this one filled in. */
  saveAs?: string;
}

const KEYS: readonly (keyof Given)[] = ["rerun", "spec", "url", "saveAs"];

/** Taken once: who comes back to the page finds there what was typed since. */
export function useGiven(): Given {
  const { state } = useLocation() as { state: Given | null };
  const navigate = useNavigate();
  const [given] = useState<Given>(state ?? {});
  useEffect(() => {
    // What a link left there is another's.
    if (state && KEYS.some((key) => key in state)) navigate(".", { replace: true, state: null });
  }, [state, navigate]);
  return given;
}
