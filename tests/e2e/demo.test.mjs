// The demo, as a newcomer runs it.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Place, root } from "../harness/place.mjs";

const place = new Place("demo", join(root, "target", "test", "e2e"));

before(() => place.settle());
after(() => place.close());

const TIMES = ["min", "p50", "p75", "p95", "p99", "max", "mean", "std_dev"];

test("the demo ends with 0 and a summary that has every field", { timeout: 300_000 }, async () => {
  const out = join(place.folder, "out");
  const args = ["demo", "--users", "20", "--duration", "5", "--out", out];
  const demo = place.start("bfgg", args, { HOME: process.env.HOME });
  assert.deepEqual(await demo.exited, { code: 0, signal: null });

  const said = await readFile(join(root, "target", "test", "e2e", "demo-bfgg.log"), "utf8");
  const file = join(out, "summary.json");
  assert.ok(said.includes(file), "it says where summary.json is");
  const summary = JSON.parse(await readFile(file, "utf8"));
  assert.match(summary.run, /^[0-9a-f-]{36}$/);
  assert.equal(summary.simulation, "example.ShopSimulation");
  assert.ok(!Number.isNaN(Date.parse(summary.started)));
  assert.ok(summary.duration_ms > 0);
  assert.equal(summary.agents.length, 2);
  for (const agent of summary.agents) {
    for (const field of ["name", "peer"]) assert.ok(agent[field], field);
    for (const field of ["total", "ok", "ko", "start_offset_ms"]) assert.ok(agent[field] >= 0, field);
  }
  const kinds = new Set(summary.rows.map((row) => row.kind));
  assert.deepEqual([...kinds].sort(), ["all", "group", "request"]);
  for (const row of summary.rows) {
    for (const field of ["total", "ok", "ko", "percent_ko", "per_second", ...TIMES]) {
      assert.equal(typeof row[field], "number", `${row.path}: ${field}`);
    }
    for (const part of ["ok_only", "ko_only"]) {
      for (const field of TIMES) assert.equal(typeof row[part][field], "number", `${part}.${field}`);
    }
    assert.equal(row.ranges.length, 4);
  }
  assert.ok(summary.errors.length > 0 && summary.assertions.every((one) => one.holds));
});
