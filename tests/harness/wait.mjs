import { setTimeout as sleep } from "node:timers/promises";

/**
 * Asks until `condition` gives something other than false, null or undefined, and returns that.
 * After `seconds` it fails, naming `what` and the last error.
 */
export async function until(what, condition, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  let last;
  for (;;) {
    try {
      const found = await condition();
      if (found !== false && found !== null && found !== undefined) return found;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) {
      throw new Error(`${what}: not within ${seconds} s${last ? ` (${last.message})` : ""}`);
    }
    await sleep(100);
  }
}
