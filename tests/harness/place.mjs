import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { start } from "./process.mjs";
import { openShop } from "./shop.mjs";
import { until } from "./wait.mjs";

export const root = resolve(import.meta.dirname, "../..");
/** Where Cargo puts our programs, unless PROGRAMS names another folder. */
export const binaries = process.env.PROGRAMS ?? join(root, "target", "debug");
/** Repositories that do not change, and what agents built of them: made once for all tests. */
const shared = join(root, "target", "test", "shared");

/** A place of its own for one test: folders, a controller, agents. All ends with `close`. */
export class Place {
  /** What ends when the place does, the last first. */
  closing = [];

  /** `artifacts`: the folder for logs and screenshots, kept after the tests. */
  constructor(name, artifacts) {
    this.name = name;
    this.artifacts = artifacts;
  }

  /** Makes the folders. */
  async settle() {
    this.folder = await mkdtemp(join(tmpdir(), "bfgg-test-"));
    this.closing.push(() => rm(this.folder, { recursive: true, force: true }));
    await mkdir(this.artifacts, { recursive: true });
    // Those of an earlier time would be taken for this one's.
    for (const file of await readdir(this.artifacts)) {
      if (file.startsWith(`${this.name}-`) && file.endsWith(".log")) await rm(join(this.artifacts, file));
    }
    await mkdir(this.data, { recursive: true });
    return this;
  }

  /** The controller's data folder. */
  get data() {
    return join(this.folder, "controller");
  }

  environment() {
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
    };
  }

  /** Starts one of our programs in this place; its output goes to a log of its name. */
  start(program, args = [], env = {}) {
    return this.spawn([join(binaries, program), ...args], env, env.BFGG_NAME ?? program);
  }

  /** Starts any command in this place. */
  spawn([program, ...args], env, label) {
    const started = start(program, args, {
      env: { ...this.environment(), ...env },
      cwd: this.folder,
      log: join(this.artifacts, `${this.name}-${label}.log`),
    });
    this.closing.push(() => started.stop());
    return started;
  }

  /** Address and token of the controller, by the file it writes for its own user. */
  async controller(data = this.data) {
    const file = join(data, "controller.json");
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

  /**
   * What an agent of this place needs beside the place's own environment. Agents share what they
   * build, as those of one machine may; where that is not meant, TESTS_LOCATION is to be undefined.
   */
  agentEnvironment(name) {
    return {
      // Maven's repository and the user's own settings are there.
      HOME: process.env.HOME,
      BFGG_DATA_DIR: join(this.folder, name),
      BFGG_NAME: name,
      BFGG_ALLOW_FILE: "1",
      TESTS_LOCATION: join(shared, "projects"),
    };
  }

  /** Starts an agent that joins the controller by its token; `wrap` is a command that starts it. */
  async agent(name, { env = {}, wrap = [] } = {}) {
    const { token } = await this.api("GET", "/token");
    const line = [...wrap, join(binaries, "bfgg-agent")];
    return this.spawn(line, { ...this.agentEnvironment(name), BFGG_JOIN: token, ...env }, name);
  }

  /** Processes of this place that are neither its controller nor its agents: builds and JVMs. */
  async children() {
    const own = /^\d+ \S*\/bfgg(-agent)?( serve)?$/;
    return (await this.processes()).filter((process) => !own.test(process));
  }

  /** All processes of this place, each its id and its command. */
  async processes() {
    const found = [];
    for (const pid of await readdir("/proc")) {
      if (!/^\d+$/.test(pid)) continue;
      try {
        const [environment, line] = await Promise.all(
          ["environ", "cmdline"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8")),
        );
        const command = line.replaceAll("\0", " ").trim();
        if (!environment.includes(this.folder) || command === "") continue;
        found.push(`${pid} ${command.slice(0, 200)}`);
      } catch (error) {
        // It has ended meanwhile, or is another user's.
        if (!["ENOENT", "ESRCH", "EACCES"].includes(error.code)) throw error;
      }
    }
    return found;
  }

  /** Waits until this many agents can take a run. */
  async available(count) {
    return until(
      `${count} agents that are available`,
      async () => {
        const groups = await this.api("GET", "/groups");
        return groups.reduce((sum, group) => sum + group.available, 0) === count;
      },
      30,
    );
  }

  /** Waits for the end of a run. */
  async ended(id, seconds = 240) {
    return until(
      "the end of the run",
      async () => {
        const run = await this.api("GET", `/runs/${id}`);
        return ["finished", "stopped", "partial", "failed"].includes(run.state) && run;
      },
      seconds,
    );
  }

  /** A project of this repository's tests as a Git repository, one commit; the answer is its URL. */
  async repository(project = "sample-project") {
    const { sample, built, filter } = sampleOf(project);
    // Named by its content: one that is there is whole, and is this one.
    const hash = createHash("sha256");
    for (const entry of (await readdir(sample, { recursive: true, withFileTypes: true })).sort(byPath)) {
      const path = join(entry.parentPath ?? entry.path, entry.name);
      if (!entry.isFile() || built.some((folder) => path.startsWith(join(folder, "/")))) continue;
      hash
        .update(`${path}\0`)
        .update(await readFile(path))
        .update("\0");
    }
    const folder = join(shared, `${project}-${hash.digest("hex").slice(0, 16)}.git`);
    if (!(await stat(folder).catch(() => null))) {
      const beside = `${folder}.${process.pid}`;
      await commit(beside, (at) => cp(sample, at, { recursive: true, filter }));
      // Another suite may have made it meanwhile.
      await rename(beside, folder).catch(async (error) => {
        if (!["ENOTEMPTY", "EEXIST"].includes(error.code)) throw error;
        await rm(beside, { recursive: true });
      });
    }
    return `file://${folder}`;
  }

  /** The same in a folder of this place, to be changed. */
  ownRepository(project = "sample-project") {
    const { sample, filter } = sampleOf(project);
    return this.commit(project, (at) => cp(sample, at, { recursive: true, filter }));
  }

  /** A Git repository of one commit, with what `fill` puts into its folder; the answer is its URL. */
  async commit(name, fill) {
    return commit(join(this.folder, `${name}.git`), fill);
  }

  /** The shop that the sample project tests; the answer is its base URL. */
  async shop() {
    const server = await openShop();
    this.closing.push(() => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    });
    return `http://127.0.0.1:${server.address().port}`;
  }

  /** Ends what was started, last first; one failure does not keep the rest alive. */
  async close() {
    const errors = [];
    for (const close of this.closing.reverse()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    this.closing = [];
    if (errors.length > 0) throw new AggregateError(errors, "not all could be ended");
  }
}

const byPath = (one, other) => {
  const [a, b] = [one, other].map(({ parentPath, path, name }) => join(parentPath ?? path, name));
  return a < b ? -1 : 1;
};

/** Makes a Git repository of one commit, with what `fill` puts into its folder; the answer is its URL. */
async function commit(folder, fill) {
  await mkdir(folder, { recursive: true });
  await fill(folder);
  const git = (...args) =>
    promisify(execFile)("git", ["-c", "user.name=Test", "-c", "user.email=test@example.org", ...args], {
      cwd: folder,
    });
  await git("init", "--quiet", "--initial-branch=main");
  await git("add", ".");
  await git("commit", "--quiet", "--message=The shop's load test");
  return `file://${folder}`;
}

/** A project of this repository's tests, and what a build made in it, which is no part of it. */
function sampleOf(project) {
  const sample = join(root, "tests", project);
  const built = [
    join(sample, "target"),
    join(sample, "project", "target"),
    join(sample, "project", "project"),
  ];
  return { sample, built, filter: (path) => !built.includes(path) };
}
