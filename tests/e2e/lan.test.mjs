// Hosts of their own on a LAN (network namespaces), real Gatling on each.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { until } from "../harness/wait.mjs";
import { ADDRESSES, Lan } from "./lan.mjs";

const skip = process.getuid?.() === 0 ? false : "needs root, or: unshare -Urnm";
const options = { skip, timeout: 300_000 };

let lan;
afterEach(() => lan?.close());

function assertFinished(run, agents) {
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));
  assert.equal(run.agents.length, agents);
  for (const agent of run.agents) assert.ok(agent.end.log_bytes > 0, agent.name);
}

test("two agents are found by mDNS alone, admitted, and run", options, async () => {
  lan = await Lan.open("mdns");
  lan.startOn("controller", "bfgg", ["serve"]);
  const { peer } = await until("the controller", () => lan.api("GET", "/info"));
  // They know whom to trust, but neither an address nor the secret.
  for (const host of ["lab-1", "lab-2"]) lan.agentOn(host, ["--controller", peer]);
  const pending = await until(
    "both agents",
    async () => {
      const agents = await lan.api("GET", "/agents");
      return agents.filter((agent) => agent.trust === "pending").length === 2 && agents;
    },
    10,
  );
  for (const { id } of pending) await lan.api("POST", `/agents/${id}/admit`);
  await lan.available(2);
  assertFinished(await lan.sample(2), 2);
});

test("where multicast is dropped an address that is given suffices", options, async () => {
  lan = await Lan.open("unicast");
  for (const host of ["controller", "lab-1"]) await lan.drop(host, "udp dport 5353");
  lan.startOn("controller", "bfgg", ["serve"]);
  const { peer } = await until("the controller", () => lan.api("GET", "/info"));
  lan.agentOn("lab-1", ["--controller", peer], { CONTROLLER_HOST: ADDRESSES.controller });
  const [{ id }] = await until("the agent", async () => {
    const agents = await lan.api("GET", "/agents");
    return agents.length === 1 && agents;
  });
  await lan.api("POST", `/agents/${id}/admit`);
  await lan.available(1);
  assertFinished(await lan.sample(1), 1);
});

test("a controller that takes no connection dials an agent in another subnet", options, async () => {
  lan = await Lan.open("dial");
  // The shop's port stays open: Gatling calls it.
  await lan.drop("controller", 'iifname "eth0" tcp dport != 8080 ct state new', "udp dport 5353");
  lan.startOn("controller", "bfgg", ["serve"]);
  const { token } = await until("the controller", () => lan.api("GET", "/token"));
  lan.agentOn("far", ["--join", token]);
  const agent = await until("the agent is added", () =>
    lan.api("POST", "/agents", { address: ADDRESSES.far }),
  );
  assert.equal(agent.trust, "admitted");
  await lan.available(1);
  assertFinished(await lan.sample(1), 1);
});

test("a controller that no agent has joined is refused, and runs nothing", options, async () => {
  lan = await Lan.open("rogue");
  lan.startOn("controller", "bfgg", ["serve"]);
  const { token } = await until("the controller", () => lan.api("GET", "/token"));
  // It is to have nothing of others in its folders.
  lan.agentOn("lab-1", ["--join", token], { TESTS_LOCATION: undefined });
  await lan.available(1);
  const [{ id }] = await lan.api("GET", "/agents");

  // It finds the agent by mDNS and dials it, dials it by its address, admits it and wants a run.
  const data = join(lan.folder, "rogue");
  lan.startOn("lab-2", "bfgg", ["serve", "--name", "rogue"], { BFGG_DATA_DIR: data });
  const rogue = (method, path, body) => lan.apiOn("lab-2", data, method, path, body);
  await until("it is up", () => rogue("GET", "/info"));
  const log = join(lan.artifacts, "rogue-lab-1-bfgg-agent.log");
  await until("the agent refuses it", async () =>
    /refused a connection.*10\.77\.0\.3/.test(await readFile(log, "utf8")),
  );
  const url = await lan.repository();
  const source = { url };
  for (const [method, path, body] of [
    ["POST", "/agents", { address: ADDRESSES["lab-1"] }],
    ["POST", `/agents/${id}/admit`, undefined],
    ["POST", `/agents/${id}/doctor`, undefined],
    ["POST", "/prepare", { source, selection: { agents: [id] } }],
    ["POST", "/runs", { source, selection: { agents: [id] } }],
    ["POST", "/runs", { source }],
  ]) {
    await assert.rejects(rogue(method, path, body), /: (404|409|502) /, `${method} ${path}`);
  }
  const agents = await rogue("GET", "/agents");
  assert.ok(
    agents.every((agent) => agent.trust !== "admitted"),
    JSON.stringify(agents),
  );
  for (const folder of ["projects", "runs"]) {
    const there = await readdir(join(lan.folder, "lab-1", folder)).catch(() => []);
    assert.deepEqual(
      there.filter((name) => name !== "agent.lock"),
      [],
      folder,
    );
  }
  // Its own controller it still obeys.
  assertFinished(await lan.sample(1, url), 1);
});
