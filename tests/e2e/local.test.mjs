// The agent that a controller starts on its own computer: it comes and goes with its controller,
// and is found again by the next one.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";

const place = new Place("local", join(root, "target", "test", "e2e"));
let serving;

before(() => place.settle());
after(() => place.close());

async function serve() {
  // Relative, as users write it.
  serving = place.start("bfgg", ["serve"], { BFGG_DATA_DIR: "controller" });
  await until("this controller", async () => (await place.controller()).pid === serving.pid);
}

const agents = async () => (await place.processes()).filter((line) => /\/bfgg-agent /.test(line));
const state = async () => (await place.api("GET", "/local-agent")).state;
const options = { timeout: 120_000 };

test("it comes and goes with its controller", options, async () => {
  await serve();
  assert.equal(await state(), "off");
  await place.api("POST", "/local-agent");
  await place.available(1);
  const [agent] = await place.api("GET", "/agents");
  const local = await place.api("GET", "/local-agent");
  assert.deepEqual(local, { state: "on", agent: agent.id });
  // Once is enough.
  await place.api("POST", "/local-agent");
  assert.equal((await agents()).length, 1);

  await serving.stop();
  assert.deepEqual(await place.processes(), []);
  await serve();
  await place.available(1);
  assert.equal(await state(), "on");
});

test("the next controller finds the one that a killed controller left", options, async () => {
  const [before] = await agents();
  process.kill(serving.pid, "SIGKILL");
  await serving.exited;
  await serve();
  await place.available(1);
  await until("it alone", async () => (await agents()).join() === before);
  assert.equal(await state(), "on");
});

test("it is ended for good, and had again at once", options, async () => {
  await place.api("DELETE", "/local-agent");
  await until("its end", async () => (await agents()).length === 0);
  await place.api("POST", "/local-agent");
  await place.available(1);
  const [first] = await agents();
  // While it is still ending.
  await place.api("DELETE", "/local-agent");
  await place.api("POST", "/local-agent");
  await until("another one", async () => {
    const [next, ...more] = await agents();
    return next && next !== first && more.length === 0;
  });
  await place.available(1);
  await place.api("DELETE", "/local-agent");
  await serving.stop();
  await serve();
  assert.equal(await state(), "off");
  await serving.stop();
  assert.deepEqual(await place.processes(), []);
});

test("one that is only coming up hears that it is to end", options, async () => {
  await serve();
  await place.api("POST", "/local-agent");
  await place.api("DELETE", "/local-agent");
  await until("its end", async () => (await agents()).length === 0);
  await place.api("POST", "/local-agent");
  await serving.stop();
  assert.deepEqual(await place.processes(), []);
});

test("an agent that is left alone ends by itself, where that is wanted", options, async () => {
  const alone = place.start("bfgg-agent", [], { ...place.agentEnvironment("alone"), BFGG_END_ALONE: "1s" });
  assert.deepEqual(await alone.exited, { code: 0, signal: null });
});
