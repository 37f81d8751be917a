// How soon agents are found, how soon they are back where their controller starts again, and how far the
// starts of eight real Gatlings lie apart: on hosts in network namespaces, so as root.
// PROGRAMS names the folder of the programs.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { spawn } from "node:child_process";
import { Lan } from "../tests/e2e/lan.mjs";
import { Place, root } from "../tests/harness/place.mjs";
import { until } from "../tests/harness/wait.mjs";

const TURNS = 5;
const GATLINGS = 8;

/** Asks for the agents every 10 ms, and tells each time how many are there and alive. */
const WATCH = `
  const [url, token] = process.argv.slice(1);
  for (;;) {
    let alive = -1;
    try {
      const answer = await fetch(url + "/api/v1/agents", { headers: { authorization: "Bearer " + token } });
      alive = (await answer.json()).filter((agent) => agent.liveness === "alive" || agent.trust === "pending").length;
    } catch {}
    console.log(Date.now(), alive);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }`;

/** The moment at which this many agents are there, as a host of the LAN sees it. */
async function watch(lan, count) {
  const { url, token } = await lan.controller();
  const line = [process.execPath, "--input-type=module", "-e", WATCH, url, token];
  const watching = spawn("ip", ["netns", "exec", lan.host("controller"), ...line], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: watching.stdout });
  const seen = (async () => {
    for await (const line of lines) {
      const [at, alive] = line.split(" ").map(Number);
      if (alive === count) return at;
    }
    throw new Error("the watcher has ended");
  })();
  // It looks already when the clock starts.
  await new Promise((resolve) => lines.once("line", resolve));
  return seen.finally(() => watching.kill());
}

const spread = (times) => {
  const sorted = [...times].sort((one, other) => one - other);
  return `${sorted[sorted.length >> 1]} ms (${sorted.join(", ")})`;
};

async function found(lan) {
  const times = [];
  const { peer } = await lan.api("GET", "/info");
  for (let turn = 0; turn < TURNS; turn++) {
    const before = (await lan.api("GET", "/agents")).length;
    const seen = watch(lan, before + 1);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const begun = Date.now();
    const agent = lan.agentOn("lab-1", ["--controller", peer]);
    times.push((await seen) - begun);
    await agent.stop();
    for (const { id } of await lan.api("GET", "/agents")) await lan.api("DELETE", `/agents/${id}`);
    await rm(join(lan.folder, "lab-1"), { recursive: true, force: true });
  }
  console.log(`an agent is found after it was started (process and all): ${spread(times)}`);
}

async function back(lan, controller) {
  const { token } = await lan.api("GET", "/token");
  for (const host of ["lab-1", "lab-2", "far"]) lan.agentOn(host, ["--join", token]);
  await lan.available(3);
  const times = [];
  let running = controller;
  for (let turn = 0; turn < TURNS; turn++) {
    process.kill(running.pid, "SIGKILL");
    await running.exited;
    await rm(join(lan.data, "controller.json"), { force: true });
    const begun = Date.now();
    running = lan.startOn("controller", "bfgg", ["serve"]);
    await until("the controller", () => lan.controller());
    times.push((await watch(lan, 3)) - begun);
  }
  console.log(`three agents are back after their controller was started again: ${spread(times)}`);
}

async function starts() {
  const place = await new Place("bench", join(root, "target", "bench")).settle();
  try {
    place.start("bfgg", ["serve"]);
    for (let number = 1; number <= GATLINGS; number++) await place.agent(`lab-${number}`);
    const [url, baseUrl] = [await place.repository(), await place.shop()];
    await place.available(GATLINGS);
    const parameters = Object.entries({ users: "16", duration: "3", baseUrl });
    for (const count of [GATLINGS, 2]) {
      const { id } = await place.api("POST", "/runs", {
        source: { url },
        simulation: "example.ShopSimulation",
        parameters: parameters.map(([name, value]) => ({ name, value })),
        selection: { count },
      });
      const run = await place.ended(id, 600);
      const late = run.agents.map((agent) => agent.released_after_ms);
      const apart = (Math.max(...late) - Math.min(...late)).toFixed(1);
      console.log(`${count} Gatlings on this machine began within ${apart} ms (${run.state})`);
    }
  } finally {
    await place.close();
  }
}

const lan = await Lan.open("bench");
try {
  const controller = lan.startOn("controller", "bfgg", ["serve"]);
  await until("the controller", () => lan.api("GET", "/info"));
  await found(lan);
  await back(lan, controller);
} finally {
  await lan.close();
}
await starts();
