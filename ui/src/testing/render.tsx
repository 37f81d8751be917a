import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { vi } from "vitest";
import { ApiClient } from "@/api/client";
import type { Caller, LiveEvent } from "@/api/types";
import { theme } from "@/app/theme";
import { OWNER } from "@/store/entrance";
import { ControllerContext } from "@/store/hooks";
import { LiveStore } from "@/store/live";
import { snapshotEvent } from "./fixtures";

type Calls = Partial<Record<keyof ApiClient, (...args: never[]) => unknown>>;

interface Options {
  /** What API calls answer; any other call fails the test. */
  api?: Calls;
  snapshot?: Partial<Extract<LiveEvent, { type: "snapshot" }>>;
  route?: string | { pathname: string; state: unknown };
  /** Who looks at the screen; whoever holds the controller's own token, unless said. */
  caller?: Caller;
}

/** Renders with everything a screen stands in, on a live store that publishes at once. */
export function renderScreen(
  children: ReactNode,
  { api = {}, snapshot = {}, route = "/", caller = OWNER }: Options = {},
) {
  const live = new LiveStore(
    (publish) => publish(),
    () => performance.now(),
  );
  live.setLink("live", null);
  live.apply(snapshotEvent(snapshot));
  const client = Object.assign(new ApiClient({ url: "", token: "t", session: null }), api);
  vi.stubGlobal("fetch", () => Promise.reject(new Error("a test asked for something it did not expect")));
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const { unmount } = render(
    <MantineProvider theme={theme} env="test">
      <QueryClientProvider client={queries}>
        <ControllerContext value={{ api: client, caller, live, close: () => {} }}>
          <MemoryRouter initialEntries={[route]}>{children}</MemoryRouter>
        </ControllerContext>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { live, unmount };
}
