// Hosts of their own on a LAN (network namespaces), real Gatling on each.
import assert from "node:assert/strict";
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
