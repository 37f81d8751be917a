import { spawn } from "node:child_process";
import { createWriteStream } from "node:fs";
import { createServer } from "node:net";
import { finished } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

/**
 * A port that nothing listens on now. It is below those that systems hand out by themselves, so that
 * none of the many connections of a test beside this one gets it meanwhile.
 */
export async function freePort() {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const free = await new Promise((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

/** Starts a program; its output goes to `log`. */
export function start(program, args, { env = {}, cwd, log }) {
  const file = createWriteStream(log, { flags: "a" });
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const exited = new Promise((resolve) => {
    child.once("error", (error) => {
      file.end(`${program} did not start: ${error.message}\n`);
      resolve({ code: null, signal: null });
    });
    child.once("close", (code, signal) => {
      file.end();
      resolve({ code, signal });
    });
  });
  return {
    pid: child.pid,
    exited,
    /** TERM, and KILL where it does not end within `seconds`. */
    async stop(seconds = 20) {
      child.kill("SIGTERM");
      const ended = await Promise.race([exited, sleep(seconds * 1000, "late", { ref: false })]);
      if (ended === "late") child.kill("SIGKILL");
      const end = await exited;
      await finished(file);
      return { ...end, killed: ended === "late" };
    },
  };
}
