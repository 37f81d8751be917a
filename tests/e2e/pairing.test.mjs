// An agent that was started with neither token nor controller: paired by the code that it shows.
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { binaries, Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";

const place = new Place("pairing", join(root, "target", "test", "e2e"));

before(() => place.settle());
after(() => place.close());

const serve = (env) => place.start("bfgg", ["serve"], env);
const agent = (env) => place.start("bfgg-agent", [], { ...place.agentEnvironment("lab-1"), ...env });
const printed = () => readFile(join(place.artifacts, "pairing-lab-1.log"), "utf8");

/** `bfgg agents …`; what it prints, and its exit code. */
async function bfgg(label, ...args) {
  const { code } = await place.spawn([join(binaries, "bfgg"), "agents", ...args], {}, label).exited;
  return { code, out: await readFile(join(place.artifacts, `pairing-${label}.log`), "utf8") };
}

test("an agent without a token is paired by its code, and is so after a restart of either side", {
  timeout: 120_000,
}, async () => {
  let controller = serve();
  const { addresses } = await place.api("GET", "/info");
  let running = agent({ CONTROLLER_HOST: addresses[0] });
  const waiting = await until("the agent waits", async () => {
    const [found] = await place.api("GET", "/agents");
    return found?.trust === "needs-code" && found;
  });
  const [code] = await until("its code", async () => /\b\d{4}-\d{4}\b/.exec(await printed()));
  assert.match(await printed(), new RegExp(`bfgg agents pair ${waiting.short_id} ${code}`));

  for (const [label, args, says] of [
    ["ignore", [waiting.short_id], /lab-1 \(.{8}\) is ignored/],
    ["undo", ["lab-1", "--undo"], /is shown again/],
  ]) {
    assert.match((await bfgg(label, "ignore", ...args)).out, says);
    const [{ ignored }] = await place.api("GET", "/agents");
    assert.equal(ignored, label === "ignore");
  }

  const wrong = code === "0000-0000" ? "0000-0001" : "0000-0000";
  const refused = place.api("POST", `/agents/${waiting.id}/pair`, { code: wrong });
  await assert.rejects(refused, /409 .*"wrong-code".*4 tries are left/);
  const paired = await bfgg("pair", "pair", "lab-1", code);
  assert.equal(paired.code, 0, paired.out);
  assert.match(paired.out, /agent lab-1 .* joined/);
  await place.available(1);
  /** What the controller shows may be of before: the agent says how often it was admitted. */
  const admitted = (times) =>
    until(`admitted ${times} times`, async () => (await printed()).split(": admitted ").length > times);
  await admitted(1);

  // Neither is told again where the other is.
  await running.stop();
  running = agent();
  await admitted(2);
  await controller.stop();
  controller = serve({ BFGG_LISTEN: addresses[0] });
  await admitted(3);
  await place.available(1);
  const [agents] = await place.api("GET", "/agents");
  assert.deepEqual([agents.id, agents.trust], [waiting.id, "admitted"]);

  // The code stands where the agent showed it, and nowhere else.
  for (const folder of [place.data, join(place.folder, "lab-1")]) {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = await readFile(join(entry.parentPath, entry.name));
      for (const text of [code, code.replace("-", "")]) assert.ok(!bytes.includes(text), entry.name);
    }
  }
  const log = await readFile(join(place.artifacts, "pairing-bfgg.log"), "utf8");
  assert.ok(!log.includes(code) && !log.includes(code.replace("-", "")), log);
  await running.stop();
  await controller.stop();
});
