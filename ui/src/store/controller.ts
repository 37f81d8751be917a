import { ApiClient } from "@/api/client";
import { EventFeed } from "@/api/events";
import type { Caller } from "@/api/types";
import type { Connection } from "@/host/host";
import { LiveStore } from "./live";

/** A controller we are connected to: its API, what we may do there, and what it tells us. */
export interface Controller {
  api: ApiClient;
  caller: Caller;
  live: LiveStore;
  /** Ends the event stream. */
  close: () => void;
}

/** Connects and follows the controller's events until `close`. */
export function openController(connection: Connection, caller: Caller): Controller {
  const api = new ApiClient(connection);
  const live = new LiveStore(
    (callback) => requestAnimationFrame(callback),
    () => performance.now(),
  );
  const feed = new EventFeed({
    open: api.events,
    onEvent: (event) => live.apply(event),
    onStatus: (status, failure) => live.setLink(status, failure),
    onHeard: () => live.heard(),
  });
  const online = () => feed.retryNow();
  window.addEventListener("online", online);
  void feed.run();
  return {
    api,
    caller,
    live,
    close: () => {
      window.removeEventListener("online", online);
      feed.stop();
    },
  };
}
