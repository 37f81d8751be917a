import { useEffect, useState } from "react";
import type { ApiFailure } from "@/api/error";
import { NO_OUTPUT, type OutputLog } from "@/model/output";
import { useApi } from "@/store/hooks";
import { follow, type OutputOf } from "./follow";

interface Following {
  log: OutputLog;
  failure: ApiFailure | null;
  /** The failure may go away: it is tried again. */
  again: boolean;
}

const NOTHING: Following = { log: NO_OUTPUT, failure: null, again: false };

/** An output as it grows. It begins anew where `version` changes: a late agent delivers more. */
export function useOutput({ run, index, printer }: OutputOf, version: string): Following {
  const api = useApi();
  const [following, setFollowing] = useState(NOTHING);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version is what makes it begin anew
  useEffect(() => {
    const stop = new AbortController();
    setFollowing(NOTHING);
    const heard = {
      log: (log: OutputLog) => setFollowing((before) => ({ ...before, log })),
      failure: (failure: ApiFailure | null, again: boolean) =>
        setFollowing((before) => ({ ...before, failure, again })),
    };
    void follow(api, { run, index, printer }, heard, stop.signal);
    return () => stop.abort();
  }, [api, run, index, printer, version]);
  return following;
}
