import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { HashRouter } from "react-router";
import { asFailure } from "@/api/error";
import type { Host } from "@/host/host";
import { DesktopContext } from "@/store/hooks";
import { Crash } from "./Crash";
import { Gate } from "./Gate";
import { cssVariables, theme } from "./theme";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // An answer of the controller's is final; only silence is worth a second try.
      retry: (count, error) => asFailure(error).status === 0 && count < 2,
    },
  },
});

/** The whole page: theme, queries, routes, and the way in. */
export function App({ host }: { host: Host }) {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <Notifications position="bottom-right" limit={4} />
      <QueryClientProvider client={queries}>
        <Crash>
          <DesktopContext value={host.desktop}>
            <HashRouter>
              <Gate host={host} />
            </HashRouter>
          </DesktopContext>
        </Crash>
      </QueryClientProvider>
    </MantineProvider>
  );
}
