import { beforeEach, expect, test, vi } from "vitest";
import { guardNavigatorLanguage } from "@/components/chart/load-uplot";
import { browserHost } from "./browser";
import { tauriHost } from "./tauri";

beforeEach(() => {
  window.history.replaceState(null, "", "/");
});

test.each([
  ["#token=abc", "abc", ""],
  ["#token=a%2Bb%3D", "a+b=", ""],
  ["#token=abc&/runs/1", "abc", "#/runs/1"],
  ["#token=%", "%", ""],
])("%s gives the token, and leaves the address clean", async (hash, token, left) => {
  window.history.replaceState(null, "", `/${hash}`);
  const host = browserHost();
  expect((await host.connection()).token).toBe(token);
  expect(host.code()).toBeNull();
  expect(window.location.hash).toBe(left);
});

test("a login link's code is taken once, and leaves the address clean", async () => {
  window.sessionStorage.setItem("bfgg.token", "of before");
  window.history.replaceState(null, "", "/#code=abc&/runs/1");
  const host = browserHost();
  expect(window.location.hash).toBe("#/runs/1");
  expect(host.code()).toBe("abc");
  host.codeUsed();
  expect(host.code()).toBeNull();
  host.keep("key");
  expect(await host.connection()).toEqual({ url: "", token: null, session: "key" });
  host.forget();
  expect((await browserHost().connection()).session).toBeNull();
});

test.each([
  ["http://127.0.0.1:7411/#code=abc", "abc", null],
  [" #code=abc ", "abc", null],
  ["http://127.0.0.1:7411/#token=t", null, "t"],
  [" t ", null, "t"],
  ["  ", null, null],
])("what is typed as '%s' is understood", async (given, code, token) => {
  window.sessionStorage.clear();
  const host = browserHost();
  host.show(given);
  expect(host.code()).toBe(code);
  expect((await host.connection()).token).toBe(token);
});

test("a route is no token; a token that was shown lasts until it is forgotten", async () => {
  window.sessionStorage.clear();
  window.history.replaceState(null, "", "/#/runs");
  const host = browserHost();
  expect((await host.connection()).token).toBeNull();
  expect(window.location.hash).toBe("#/runs");
  host.show("typed");
  expect((await browserHost().connection()).token).toBe("typed");
  host.forget();
  expect((await host.connection()).token).toBeNull();
});

test("the window asks the app for address and token", async () => {
  const invoke = vi.fn().mockResolvedValue({ url: "http://127.0.0.1:7411/", token: "t" });
  window.__TAURI_INTERNALS__ = { invoke };
  try {
    expect(await tauriHost().connection()).toEqual({
      url: "http://127.0.0.1:7411",
      token: "t",
      session: null,
    });
    expect(invoke.mock.calls[0]?.[0]).toBe("connection");
  } finally {
    delete window.__TAURI_INTERNALS__;
  }
});

test("the page names no file and no folder to the app", async () => {
  const invoke = vi.fn().mockRejectedValue("no such folder");
  window.__TAURI_INTERNALS__ = { invoke, transformCallback: () => 1 };
  try {
    const { desktop } = tauriHost();
    await expect(desktop?.sendFolder(true, () => {})).rejects.toThrow("no such folder");
    invoke.mockResolvedValue(null);
    desktop?.openLogFolder();
    desktop?.stopFolder();
    expect(invoke.mock.calls.map(([command, given]) => [command, Object.keys(given ?? {})])).toEqual([
      ["send_folder", ["again", "progress"]],
      ["open_log_folder", []],
      ["stop_folder", []],
    ]);
  } finally {
    delete window.__TAURI_INTERNALS__;
  }
});

test("a language that Intl refuses is replaced before uPlot asks for it", () => {
  const page = { language: "C", languages: ["C", "fr-FR"] } as unknown as Navigator;
  guardNavigatorLanguage(page);
  expect(page.language).toBe("fr-FR");
  const fine = { language: "de", languages: ["de"] } as unknown as Navigator;
  guardNavigatorLanguage(fine);
  expect(fine.language).toBe("de");
});
