// Stop, in each phase of a run on two agents: no process of it is left, and the agents are free.
import assert from "node:assert/strict";
import { cp, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";

const place = new Place("stop", join(root, "target", "test", "e2e"));
/** How long a tree of processes may take to end: TERM, 15 s, KILL. */
const GONE = 20;
let baseUrl;

before(async () => {
  await place.settle();
  place.start("bfgg", ["serve"]);
  await Promise.all(
    ["lab-1", "lab-2"].map((name) => place.agent(name, { env: { TESTS_LOCATION: undefined } })),
  );
  baseUrl = await place.shop();
  await place.available(2);
});
after(() => place.close());

/** The sample project at a commit that no agent has built. */
function unbuilt() {
  return place.commit("unbuilt", async (folder) => {
    for (const part of ["pom.xml", "src"]) {
      await cp(join(root, "tests", "sample-project", part), join(folder, part), { recursive: true });
    }
    await writeFile(join(folder, "unbuilt.txt"), "another commit\n");
  });
}

let made;
/** The sample project, which the agents build once. */
function repository() {
  made ??= place.repository();
  return made;
}

/** Starts a run; the answer is its id. */
async function start(url) {
  const parameters = Object.entries({ users: 1500, duration: 120, baseUrl });
  const { id } = await place.api("POST", "/runs", {
    source: { url },
    simulation: "example.ShopSimulation",
    parameters: parameters.map(([name, value]) => ({
      name,
      value: String(value),
    })),
  });
  return id;
}

async function phase(id, wanted) {
  await until(
    `both agents are ${wanted}`,
    async () => {
      const run = await place.api("GET", `/runs/${id}`);
      assert.ok(!["failed", "finished"].includes(run.state), JSON.stringify(run.failures));
      return run.agents.every((agent) => agent.phase === wanted);
    },
    120,
  );
  // What is to be ended is there.
  await until("a process of the run", async () => (await place.children()).length > 0);
}

async function stopped(id) {
  await until("no process is left", async () => (await place.children()).length === 0, GONE).catch(async () =>
    assert.deepEqual(await place.children(), []),
  );
  const run = await place.ended(id, 60);
  assert.equal(run.state, "stopped", JSON.stringify(run.failures, null, 2));
  await place.available(2);
  return run;
}

const options = { timeout: 300_000 };

test("while git fetches", options, async () => {
  // Takes the connection and says nothing.
  const visitors = new Set();
  const silent = createServer((visitor) => {
    visitors.add(visitor);
    visitor.on("error", () => {});
  });
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  try {
    const id = await start(`http://127.0.0.1:${silent.address().port}/shop.git`);
    await phase(id, "fetching");
    await until("both agents' git", () => visitors.size === 2);
    await place.api("POST", `/runs/${id}/stop`, {});
    const run = await stopped(id);
    assert.equal(run.has_summary, false);
  } finally {
    for (const visitor of visitors) visitor.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
});

for (const [wanted, project] of Object.entries({ building: unbuilt, armed: repository })) {
  test(`while the agents are ${wanted}`, options, async () => {
    const id = await start(await project());
    await phase(id, wanted);
    await place.api("POST", `/runs/${id}/stop`, {});
    const run = await stopped(id);
    assert.equal(run.has_summary, false);
    assert.equal(run.failures.length, 0, JSON.stringify(run.failures));
  });
}

test("while Gatling runs, and once more while it ends", options, async () => {
  const id = await start(await repository());
  await phase(id, "running");
  await until("requests of both", async () => {
    const { agents } = await place.api("GET", `/runs/${id}`);
    return agents.every((agent) => agent.live?.ok > 100);
  });
  await place.api("POST", `/runs/${id}/stop`, {});
  await place.api("POST", `/runs/${id}/stop`, { force: true });
  await stopped(id);
});

test("Gatling's own stop leaves users unfinished, and fails no request of theirs", options, async () => {
  const id = await start(await repository());
  await phase(id, "running");
  await until("requests of both", async () => {
    const { agents } = await place.api("GET", `/runs/${id}`);
    return agents.every((agent) => agent.live?.ok > 100);
  });
  await place.api("POST", `/runs/${id}/stop`, {});
  const run = await stopped(id);
  assert.equal(run.stopped.kind, "user");
  assert.deepEqual(run.offered_load, []);
  const summary = await place.api("GET", `/runs/${id}/summary`);
  // The shop itself fails a request now and then; a stop is no reason.
  for (const { message } of summary.errors) assert.match(message, /found (stale|500)$/);
  assert.ok(summary.users[0].unfinished > 0, JSON.stringify(summary.users));
  assert.equal(summary.users[0].started, summary.users[0].ended + summary.users[0].unfinished);
});

/** Starts a run that something else than the user is to stop; the answer is the run as it ended. */
async function stoppedBy(kind, more, act = () => {}) {
  const parameters = Object.entries({ users: 1500, duration: 120, baseUrl });
  const { id } = await place.api("POST", "/runs", {
    source: { url: await repository() },
    simulation: "example.ShopSimulation",
    parameters: parameters.map(([name, value]) => ({
      name,
      value: String(value),
    })),
    ...more,
  });
  await phase(id, "running");
  await act();
  await until("it is stopped", async () => (await place.api("GET", `/runs/${id}`)).stopped, 60);
  const run = await stopped(id);
  assert.equal(run.stopped.kind, kind);
  return run;
}

test("a stop rule stops the run, and the outcome names its figures", options, async () => {
  const rule = { kind: "percentile", percentile: 50, ms: 0, seconds: 3 };
  const run = await stoppedBy("rule", { stop_if: [rule] });
  assert.match(
    run.stopped.message,
    /^The stop rule "p50 > 0 ms for 3 s" is broken: \d+ ms from 00:00:\d\d to 00:00:\d\d\.$/,
  );
});

test("where no agent may be lost, one Gatling that is killed stops the other", options, async () => {
  const run = await stoppedBy("loss", { on_loss: "stop" }, async () => {
    const java = (await place.children()).find((process) => /^\d+ \S*\/java /.test(process));
    process.kill(Number.parseInt(java, 10), "SIGKILL");
  });
  assert.match(run.stopped.message, /^lab-[12] ended early from 00:00:\d\d on, and/);
  assert.equal(run.offered_load[0].percent, 50);
  const summary = await place.api("GET", `/runs/${run.id}/summary`);
  assert.deepEqual(summary.offered_load, run.offered_load);
  assert.ok(summary.notes.some((note) => note.startsWith("offered load 50 % from 00:00:")));
});
