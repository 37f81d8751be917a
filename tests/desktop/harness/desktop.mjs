import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePort, start } from "./process.mjs";
import { openShop } from "./shop.mjs";
import { until } from "./wait.mjs";
import { Session } from "./webdriver.mjs";

const root = resolve(import.meta.dirname, "../../..");
const binaries = join(root, "target", "debug");
/** Logs and screenshots, kept after the tests. */
export const artifacts = join(root, "target", "test", "window");

/** A place of its own for one test: folders, the app's window, agents. All ends with `close`. */
export class Desktop {
  #closing = [];

  static async open(name) {
    const desktop = new Desktop();
    desktop.name = name;
    desktop.folder = await mkdtemp(join(tmpdir(), "bfgg-window-"));
    desktop.#closing.push(() => rm(desktop.folder, { recursive: true, force: true }));
    await mkdir(artifacts, { recursive: true });
    await mkdir(desktop.data, { recursive: true });
    return desktop;
  }

  /** The controller's data folder. */
  get data() {
    return join(this.folder, "controller");
  }

  #environment() {
    return {
      HOME: this.folder,
      XDG_CONFIG_HOME: join(this.folder, "config"),
      XDG_DATA_HOME: join(this.folder, "share"),
      XDG_CACHE_HOME: join(this.folder, "cache"),
      BFGG_DATA_DIR: this.data,
      BFGG_LISTEN: "127.0.0.1:0",
      BFGG_HTTP: "127.0.0.1:0",
      BFGG_DISCOVERY: "off",
      BFGG_KEYCHAIN: "off",
      // WebKit asks for a GPU otherwise.
      WEBKIT_DISABLE_DMABUF_RENDERER: "1",
      NO_AT_BRIDGE: "1",
    };
  }

  /** Opens the app's window and gives its WebDriver session. */
  async window(args = []) {
    const port = await freePort();
    const nativePort = await freePort();
    const driver = start(
      join(root, "target", "tools", "bin", "tauri-driver"),
      ["--port", port, "--native-port", nativePort, "--native-driver", "/usr/bin/WebKitWebDriver"].map(
        String,
      ),
      { env: this.#environment(), cwd: this.folder, log: join(artifacts, `${this.name}-app.log`) },
    );
    this.#closing.push(() => driver.stop());
    const url = `http://127.0.0.1:${port}`;
    await until("tauri-driver", () => fetch(`${url}/status`).then(() => true));
    const session = await Session.open(url, {
      browserName: "wry",
      "tauri:options": { application: join(binaries, "bfgg-desktop"), args },
    });
    this.#closing.push(() => session.close());
    return session;
  }

  /** Starts one of our programs in this place; its output goes to a log of its name. */
  start(program, args = [], env = {}) {
    const started = start(join(binaries, program), args, {
      env: { ...this.#environment(), ...env },
      cwd: this.folder,
      log: join(artifacts, `${this.name}-${env.BFGG_NAME ?? program}.log`),
    });
    this.#closing.push(() => started.stop());
    return started;
  }

  /** Address and token of the app's controller, by the file it writes for its own user. */
  async controller() {
    const file = join(this.data, "controller.json");
    return until("controller.json", async () => JSON.parse(await readFile(file, "utf8")));
  }

  /** A call of the controller's API. */
  async api(method, path, body) {
    const { url, token } = await this.controller();
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(60_000),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Starts an agent that joins the app's controller. */
  async agent(name) {
    const { token } = await this.api("GET", "/token");
    return this.start("bfgg-agent", [], {
      // Maven's repository and the user's own settings are there.
      HOME: process.env.HOME,
      BFGG_DATA_DIR: join(this.folder, name),
      BFGG_NAME: name,
      BFGG_JOIN: token,
      BFGG_ALLOW_FILE: "1",
    });
  }

  /** The sample project as a Git repository; the answer is its URL. */
  async repository() {
    const folder = join(this.folder, "shop.git");
    await cp(join(root, "tests", "sample-project"), folder, {
      recursive: true,
      filter: (path) => !path.startsWith(join(root, "tests", "sample-project", "target")),
    });
    const git = (...args) =>
      promisify(execFile)("git", ["-c", "user.name=Test", "-c", "user.email=test@example.org", ...args], {
        cwd: folder,
      });
    await git("init", "--quiet", "--initial-branch=main");
    await git("add", ".");
    await git("commit", "--quiet", "--message=The shop's load test");
    return `file://${folder}`;
  }

  /** The shop that the sample project tests; the answer is its base URL. */
  async shop() {
    const server = await openShop();
    this.#closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${server.address().port}`;
  }

  /** Ends what was started, last first; one failure does not keep the rest alive. */
  async close() {
    const errors = [];
    for (const close of this.#closing.reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    this.#closing = [];
    if (errors.length > 0) throw new AggregateError(errors, "not all could be ended");
  }
}
