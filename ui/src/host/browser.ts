import type { Host } from "./host";

const KEY = "bfgg.token";
const SESSION = "bfgg.session";

/** What lets a browser in: the API's token, or the code of a login link. */
type Given = { token: string } | { code: string };

/**
 * Takes what lets us in out of `#token=…` or `#code=…`, and out of the address bar. It must run before
 * the router looks at the fragment. Anything after `&` stays as the route, so `#token=abc&/runs` opens
 * the runs.
 */
function takeFromAddress(location: Location, history: History): Given | null {
  const { given, route } = read(location.hash);
  if (!given) return null;
  history.replaceState(null, "", `${location.pathname}${location.search}${route ? `#${route}` : ""}`);
  return given;
}

/** What a user types: a whole link, a part of it, or a token alone. */
function typed(text: string): Given | null {
  const trimmed = text.trim();
  if (!trimmed) return null;
  const { given } = read(trimmed.slice(Math.max(0, trimmed.indexOf("#"))));
  return given ?? { token: trimmed };
}

function read(fragment: string): { given: Given | null; route: string } {
  const [pair = "", ...rest] = fragment.replace(/^#/, "").split("&");
  const [, kind, value = ""] = /^(token|code)=(.*)$/.exec(pair) ?? [];
  const secret = decode(value).trim();
  const route = rest.find((part) => part.startsWith("/")) ?? "";
  if (!kind || !secret) return { given: null, route };
  return { given: kind === "token" ? { token: secret } : { code: secret }, route };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * A browser tab: the controller is the page's own origin. A token lives in sessionStorage; a login link
 * begins a session: a cookie that no script can read, and a key in localStorage, which belongs to this
 * origin alone, its port included.
 */
export function browserHost(page: Window = window): Host {
  const storage = page.sessionStorage;
  let code: string | null = null;
  const take = (given: Given | null) => {
    if (!given) return;
    if ("token" in given) storage.setItem(KEY, given.token);
    else {
      // The link says who we are now.
      storage.removeItem(KEY);
      code = given.code;
    }
  };
  take(takeFromAddress(page.location, page.history));
  return {
    kind: "browser",
    desktop: null,
    connection: async () => ({
      url: "",
      token: storage.getItem(KEY),
      session: page.localStorage.getItem(SESSION),
    }),
    code: () => code,
    codeUsed: () => {
      code = null;
    },
    show: (given) => take(typed(given)),
    keep: (session) => page.localStorage.setItem(SESSION, session),
    forget: () => {
      if (storage.getItem(KEY) !== null) storage.removeItem(KEY);
      else page.localStorage.removeItem(SESSION);
    },
  };
}
