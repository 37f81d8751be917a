import { expect, test, vi } from "vitest";
import type { Host } from "@/host/host";
import { enter, OWNER } from "./entrance";

const READ = { rights: "read", session: true } as const;
const refusal = { code: "not-authorised", message: "No.", hint: "" };
const refused = () => new Response(JSON.stringify(refusal), { status: 401 });
const answered = (caller: object) => new Response(JSON.stringify(caller), { status: 200 });

function host(token: string | null, code: string | null, session: string | null) {
  const forget = vi.fn();
  const keep = vi.fn((key: string) => {
    session = key;
  });
  const given: Host = {
    kind: "browser",
    desktop: null,
    connection: async () => ({ url: "", token, session }),
    code: () => code,
    codeUsed: () => {},
    keep,
    show: () => {},
    forget,
  };
  return { given, forget, keep };
}

type Answers = { login?: () => Response; caller?: () => Response };

/** What the controller answers; where it answers nothing it is not reached. */
function answers({ login, caller }: Answers) {
  vi.stubGlobal("fetch", async (path: string) => {
    const answer = path.endsWith("/login") ? login : caller;
    if (!answer) throw new TypeError("not reached");
    return answer();
  });
}

test.each<[string, string | null, string | null, string | null, Answers, object]>([
  ["a token", "t", null, null, { caller: () => answered(OWNER) }, { caller: OWNER }],
  ["a token and no controller", "t", null, null, {}, { caller: OWNER }],
  ["a wrong token", "t", null, null, { caller: refused }, { closed: "token-refused" }],
  [
    "a link",
    null,
    "c",
    null,
    { login: () => answered({ rights: "read", key: "key" }), caller: () => answered(READ) },
    { caller: READ },
  ],
  ["a used link", null, "c", null, { login: refused }, { closed: "link-refused" }],
  [
    "this browser's own used link",
    null,
    "c",
    "s",
    { login: refused, caller: () => answered(READ) },
    { caller: READ },
  ],
  ["a session of before", null, null, "s", { caller: () => answered(READ) }, { caller: READ }],
  ["nothing", null, null, null, {}, { closed: "unknown" }],
])("%s", async (_, token, code, session, given, wanted) => {
  answers(given);
  const { given: shown, forget, keep } = host(token, code, session);
  expect(await enter(shown)).toMatchObject(wanted);
  expect(forget).toHaveBeenCalledTimes("closed" in wanted && (token ?? session) !== null ? 1 : 0);
  if (given.login && code !== null && given.login().ok) expect(keep).toHaveBeenCalledWith("key");
});

test("with a session alone a controller that is not reached is a failure", async () => {
  answers({});
  await expect(enter(host(null, null, "s").given)).rejects.toMatchObject({ code: "controller-unreachable" });
});

test("a session that has ended is called that", async () => {
  answers({ caller: refused });
  expect(await enter(host(null, null, "old").given)).toEqual({ closed: "session-ended" });
});
