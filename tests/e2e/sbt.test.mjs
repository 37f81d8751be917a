// An sbt project, built by the agents with sbt's own launcher and the gatling-sbt plug-in, and run.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Place, root } from "../harness/place.mjs";

const place = new Place("sbt", join(root, "target", "test", "e2e"));
const VERSION = "1.10.7";

before(async () => {
  await place.settle();
  place.start("bfgg", ["serve"]);
});
after(() => place.close());

test("an sbt project runs on two agents to one result", { timeout: 600_000 }, async () => {
  // sbt need not be installed: its launcher is an artifact like any other.
  const copy = "org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy";
  const artifact = `-Dartifact=org.scala-sbt:sbt-launch:${VERSION}`;
  const line = ["-B", "-q", copy, artifact, `-DoutputDirectory=${place.folder}`];
  await promisify(execFile)("mvn", line);
  const env = { BFGG_SBT_LAUNCH: join(place.folder, `sbt-launch-${VERSION}.jar`) };
  for (const name of ["lab-1", "lab-2"]) await place.agent(name, { env });
  await place.available(2);

  const [url, baseUrl] = [await place.repository("sbt-project"), await place.shop()];
  const parameters = Object.entries({ users: "10", duration: "3", baseUrl });
  const { id } = await place.api("POST", "/runs", {
    source: { url },
    parameters: parameters.map(([name, value]) => ({ name, value })),
    divide: ["users"],
  });
  const run = await place.ended(id, 400);
  assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));
  assert.equal(run.simulation, "example.ShopSimulation");
  assert.equal(run.gatling, "3.15.1");
  const summary = await place.api("GET", `/runs/${id}/summary`);
  const { ok, ko } = summary.rows.find((row) => row.kind === "all");
  const counted = run.agents.map(({ prepared, end }) => {
    assert.equal(prepared.build_tool, "sbt");
    return end.console;
  });
  const sum = (of) => counted.reduce((total, console) => total + console[of], 0);
  assert.deepEqual([ok, ko], [sum("ok"), sum("ko")]);
  assert.ok(ok > 0);
});
