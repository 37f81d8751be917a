import { ApiClient } from "@/api/client";
import { ApiFailure } from "@/api/error";
import type { Caller } from "@/api/types";
import type { Connection, Host } from "@/host/host";

/** Whoever holds the controller's own token. */
export const OWNER: Caller = { rights: "all", session: false };

/** Why nobody is let in: nothing was shown yet, or what was shown is refused. */
export type Closed = "unknown" | "token-refused" | "link-refused";

/** The controller and what we may do there, or why we are not let in. */
export type Entrance = { connection: Connection; caller: Caller } | { closed: Closed };

/** Asks to be let in: by the login link this page was opened by, a token, or the cookie of an earlier link. */
export async function enter(host: Host): Promise<Entrance> {
  const connection = await host.connection();
  const api = new ApiClient(connection);
  const code = host.takeCode();
  const taken = code === null || (await accepted(api.logIn(code))) !== null;
  try {
    // A link that was used up may have let in this very browser.
    const caller = await accepted(api.caller());
    if (caller) return { connection, caller };
  } catch (failure) {
    // With a token the page opens: it says that the controller is not reached, and goes on trying.
    if (connection.token !== null) return { connection, caller: OWNER };
    throw failure;
  }
  if (connection.token !== null) {
    host.forget();
    return { closed: "token-refused" };
  }
  return { closed: taken ? "unknown" : "link-refused" };
}

/** What was answered; null if we are not let in. */
async function accepted(answer: Promise<Caller>): Promise<Caller | null> {
  try {
    return await answer;
  } catch (failure) {
    if (failure instanceof ApiFailure && failure.unauthorized) return null;
    throw failure;
  }
}
