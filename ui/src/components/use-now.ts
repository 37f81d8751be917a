import { useEffect, useState } from "react";

/** Re-renders every `ms` and gives the page's monotonic time, for ages and elapsed times. */
export function useNow(ms = 1_000): number {
  const [now, setNow] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(performance.now()), ms);
    return () => clearInterval(timer);
  }, [ms]);
  return now;
}
