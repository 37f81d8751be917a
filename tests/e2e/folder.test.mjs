// A folder with changes that nobody has committed, on three agents, with real Maven and Gatling.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { binaries, Place, root } from "../harness/place.mjs";

const place = new Place("folder", join(root, "target", "test", "e2e"));
let folder;
let baseUrl;

before(async () => {
  await place.settle();
  place.start("bfgg", ["serve"]);
  // The first has a store of its own; the others, as on one machine, share what was built.
  const shared = { TESTS_LOCATION: join(place.folder, "shared") };
  await place.agent("lab-1", { env: { TESTS_LOCATION: undefined } });
  await place.agent("lab-2", { env: shared });
  await place.agent("lab-3", { env: shared });
  folder = fileURLToPath(await place.ownRepository());
  baseUrl = await place.shop();
  await place.available(3);
});
after(() => place.close());

/** Runs the folder as it is now; what the command said, the run, and its summary. */
async function runFolder(label) {
  const args = ["run", "--source", folder, "--agents", "3", "--simulation", "example.SmokeSimulation"];
  const command = [join(binaries, "bfgg"), ...args, "--param", `baseUrl=${baseUrl}`, "--max-duration", "2m"];
  const bfgg = place.spawn(command, {}, label);
  const { code } = await bfgg.exited;
  await bfgg.stop();
  const said = await readFile(join(place.artifacts, `folder-${label}.log`), "utf8");
  assert.equal(code, 0, said);
  const [run] = await place.api("GET", "/runs");
  return { said, run, summary: await place.api("GET", `/runs/${run.id}/summary`) };
}

/** What an agent's store got for a run: "fetched chunks: N, N bytes"; nothing where another agent has got it. */
async function fetched(run, index) {
  const { lines } = await place.api("GET", `/runs/${run.id}/agents/${index}/output?what=build&from=0`);
  assert.ok(lines.some((line) => line.includes(`snapshot ${run.commit}`)));
  return lines.flatMap((line) => /fetched chunks: (\d+, \d+ bytes)/.exec(line)?.[1] ?? []);
}

test("every agent builds the folder as it is, and gets of a change only that", {
  timeout: 300_000,
}, async () => {
  const smoke = join(folder, "src", "test", "java", "example", "SmokeSimulation.java");
  const source = await readFile(smoke, "utf8");
  const edit = (name) => writeFile(smoke, source.replace('http("home")', `http("${name}")`));
  await edit("not committed");
  const first = await runFolder("first");
  await edit("edited again");
  const size = (await readFile(smoke)).length;
  const second = await runFolder("second");

  assert.match(
    first.said,
    /\d+ files, .* to send; folder sample-project\.git, on [0-9a-f]{7} with uncommitted changes/,
  );
  assert.match(second.said, new RegExp(`files, .*; 1 changed, ${size} B to send; `));
  assert.notEqual(first.run.commit, second.run.commit);
  for (const [{ run, summary }, name] of [
    [first, "not committed"],
    [second, "edited again"],
  ]) {
    assert.equal(run.state, "finished");
    assert.equal(run.commit, run.spec.source.snapshot.id);
    assert.deepEqual(
      run.agents.map((agent) => agent.prepared.commit),
      [run.commit, run.commit, run.commit],
    );
    const [row] = summary.rows.filter((row) => row.kind === "request");
    assert.deepEqual([row.path, row.total], [[name], 3]);
    assert.ok(summary.notes.some((note) => note.includes("with uncommitted changes, snapshot")));
  }
  const one = `1, ${size} bytes`;
  const index = (name) => second.run.agents.findIndex((agent) => agent.name === name);
  assert.deepEqual(await fetched(second.run, index("lab-1")), [one]);
  const shared = await Promise.all(["lab-2", "lab-3"].map((name) => fetched(second.run, index(name))));
  assert.deepEqual(shared.flat(), [one]);
});
