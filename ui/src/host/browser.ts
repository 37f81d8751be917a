import type { Connection, Host } from "./host";

const KEY = "bfgg.token";

/**
 * Takes the token out of `#token=…` and out of the address bar. It must run before the router looks
 * at the fragment. Anything after `&` stays as the route, so `#token=abc&/runs` opens the runs.
 */
export function takeTokenFromAddress(location: Location, history: History): string | null {
  const fragment = location.hash.replace(/^#/, "");
  if (!fragment.startsWith("token=")) return null;
  const [pair = "", ...rest] = fragment.split("&");
  const token = decode(pair.slice("token=".length)).trim();
  const route = rest.find((part) => part.startsWith("/")) ?? "";
  history.replaceState(null, "", `${location.pathname}${location.search}${route ? `#${route}` : ""}`);
  return token || null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A browser tab: the controller is the page's own origin, the token lives in sessionStorage. */
export function browserHost(page: Window = window): Host {
  const taken = takeTokenFromAddress(page.location, page.history);
  if (taken) page.sessionStorage.setItem(KEY, taken);
  return {
    kind: "browser",
    desktop: null,
    async connection(): Promise<Connection | null> {
      const token = page.sessionStorage.getItem(KEY);
      return token ? { url: "", token } : null;
    },
    remember: (token) => page.sessionStorage.setItem(KEY, token),
    forget: () => page.sessionStorage.removeItem(KEY),
  };
}
