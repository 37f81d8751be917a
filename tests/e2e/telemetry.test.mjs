// Live figures are exact, and whole whatever fails on the way: controller and agents are killed in a run
// and started again.
import assert from "node:assert/strict";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Place, root } from "../harness/place.mjs";
import { freePort } from "../harness/process.mjs";
import { until } from "../harness/wait.mjs";

const place = new Place("telemetry", join(root, "target", "test", "e2e"));

before(() => place.settle());
after(() => place.close());

test("nothing is lost or counted twice when both sides are killed and come back", {
  timeout: 300_000,
}, async () => {
  // The same address after a restart, so that the agents find it.
  const listen = { BFGG_LISTEN: `127.0.0.1:${await freePort()}` };
  const controller = place.start("bfgg", ["serve"], listen);
  const agents = [];
  for (const name of ["lab-1", "lab-2"]) agents.push(await place.agent(name));
  const [url, baseUrl] = [await place.repository(), await place.shop()];
  await place.available(2);
  const { id } = await place.api("POST", "/runs", {
    source: { url, reference: "main" },
    simulation: "example.ShopSimulation",
    parameters: Object.entries({ users: "200", duration: "25", baseUrl }).map(([name, value]) => ({
      name,
      value,
    })),
  });
  const live = async () => (await place.api("GET", `/runs/${id}`)).live.times?.count ?? 0;
  await until("the first live figures", async () => (await live()) > 100, 120);

  const told = await live();
  process.kill(controller.pid, "SIGKILL");
  await controller.exited;
  process.kill(agents[1].pid, "SIGKILL");
  await agents[1].exited;
  place.start("bfgg", ["serve"], listen);
  // Until it is up, its file is that of the one that was killed.
  await until("the controller is back", () => place.api("GET", "/info").catch(() => false));
  await place.agent("lab-2");
  // It is read again beside everything else.
  const before = await until("what was told before", async () => (await live()) || false);
  assert.ok(before >= told, `${told} were told before, ${before} are there`);
  await until("figures of what came after the break", async () => (await live()) > before + 200, 60);

  const run = await place.ended(id);
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));
  const summary = await place.api("GET", `/runs/${id}/summary`);
  const all = summary.rows.find((row) => row.kind === "all");
  assert.equal(run.live.times.count, all.total);
  // Histograms too: a difference would be noted.
  assert.deepEqual(
    summary.notes.filter((note) => note.includes("its live figures")),
    [],
  );
  assert.ok((await stat(join(run.folder, "timeline.cells"))).size > 0);
});
