import { ApiClient } from "@/api/client";
import { ApiFailure } from "@/api/error";
import type { Caller } from "@/api/types";
import type { Connection, Host } from "@/host/host";

/** Whoever holds the controller's own token. */
export const OWNER: Caller = { rights: "all", session: false };

/** Why nobody is let in: nothing was shown yet, or what was shown is refused. */
export type Closed = "unknown" | "token-refused" | "session-ended" | "link-refused";

/** The controller and what we may do there, or why we are not let in. */
export type Entrance = { connection: Connection; caller: Caller } | { closed: Closed };

/** Asks to be let in: by the login link this page was opened by, a token, or the cookie of an earlier link. */
export async function enter(host: Host): Promise<Entrance> {
  const code = host.code();
  const taken = code === null || (await used(host, code));
  const connection = await host.connection();
  if (connection.token === null && connection.session === null) {
    return { closed: taken ? "unknown" : "link-refused" };
  }
  const api = new ApiClient(connection);
  try {
    // A link that was used up may have let in this very browser.
    const caller = await accepted(api.caller());
    if (caller) return { connection, caller };
  } catch (failure) {
    // With a token the page opens: it says that the controller is not reached, and goes on trying.
    if (connection.token !== null) return { connection, caller: OWNER };
    throw failure;
  }
  host.forget();
  if (connection.token !== null) return { closed: "token-refused" };
  return { closed: taken ? "session-ended" : "link-refused" };
}

/** Whether the link's code was taken. A failure leaves it to be tried again. */
async function used(host: Host, code: string): Promise<boolean> {
  const connection = { ...(await host.connection()), token: null };
  const session = await accepted(new ApiClient(connection).logIn(code));
  if (session) host.keep(session.key);
  host.codeUsed();
  return session !== null;
}

/** What was answered; null if we are not let in. */
async function accepted<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (failure) {
    if (failure instanceof ApiFailure && failure.unauthorized) return null;
    throw failure;
  }
}
