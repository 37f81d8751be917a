// One agent, two controllers: it has joined both, and runs one run at a time.
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";

const artifacts = join(root, "target", "test", "e2e");
const office = new Place("office", artifacts);
const home = new Place("home", artifacts);

before(async () => {
  for (const place of [office, home]) {
    await place.settle();
    place.start("bfgg", ["serve"], { BFGG_NAME: place.name });
  }
});
after(async () => {
  await home.close();
  await office.close();
});

test("an agent of two controllers is busy for the one while it runs for the other", {
  timeout: 300_000,
}, async () => {
  const tokens = [];
  for (const place of [office, home]) tokens.push((await place.api("GET", "/token")).token);
  // One by the environment, one by hand while it runs.
  const env = { ...office.agentEnvironment("lab-1"), BFGG_JOIN: tokens[0] };
  office.start("bfgg-agent", [], env);
  await office.available(1);
  const joined = await office.start("bfgg-agent", ["join", tokens[1]], {
    ...office.agentEnvironment("lab-1"),
    BFGG_NAME: "join",
  }).exited;
  assert.equal(joined.code, 0);
  await home.available(1);

  const visitors = new Set();
  const silent = createServer((visitor) => {
    visitors.add(visitor);
    visitor.on("error", () => {});
  });
  await new Promise((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const [url, baseUrl] = [await home.repository(), await home.shop()];
  const parameters = Object.entries({ baseUrl, users: "5", duration: "2" });
  const spec = {
    source: { url },
    simulation: "example.ShopSimulation",
    parameters: parameters.map(([name, value]) => ({ name, value })),
  };
  try {
    const hanging = `http://127.0.0.1:${silent.address().port}/shop.git`;
    const { id } = await office.api("POST", "/runs", { source: { url: hanging } });
    await until("the other sees that it is busy", async () => {
      const [agent] = await home.api("GET", "/agents");
      return agent.lease?.run === id && agent.lease.controller_name === "office";
    });
    const busy = new RegExp(`409 .*"busy".*busy: run ${id} of office since 20`);
    await assert.rejects(home.api("POST", "/runs", spec), busy);
    await office.api("POST", `/runs/${id}/stop`, {});
    await office.ended(id, 60);
  } finally {
    for (const visitor of visitors) visitor.destroy();
    await new Promise((resolve) => silent.close(resolve));
  }
  await home.available(1);
  const { id } = await home.api("POST", "/runs", spec);
  const run = await home.ended(id);
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));
});
