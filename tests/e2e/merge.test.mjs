// A merged log is one that Gatling's own report takes for the log of one run, and shows as the sum.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { runInNewContext } from "node:vm";
import { binaries, Place, root } from "../harness/place.mjs";

const command = promisify(execFile);
const place = new Place("merge", join(root, "target", "test", "e2e"));
const samples = join(root, "crates", "gatling-log", "tests", "samples");

before(() => place.settle());
after(() => place.close());

/** The class path of a Gatling, without a simulation. */
async function gatling(version) {
  const file = join(place.folder, `${version}.txt`);
  const build = "org.apache.maven.plugins:maven-dependency-plugin:3.6.0:build-classpath";
  const pom = join(root, "tests", "sample-project", "pom.xml");
  await command("mvn", [
    "-B",
    "-q",
    "-f",
    pom,
    `-Dgatling.version=${version}`,
    build,
    `-Dmdep.outputFile=${file}`,
  ]);
  return (await readFile(file, "utf8")).trim();
}

/** Gatling's table: total, OK, KO, minimum, maximum, mean and deviation of each row, the first of all. */
async function table(run) {
  // Older pages build their table from this script's variable.
  const { stats } = runInNewContext(
    `${await readFile(join(run, "js", "stats.js"), "utf8")};({ stats: globalThis.stats })`,
    {
      document: {},
      window: {},
    },
  );
  if (stats !== undefined) {
    const rows = ({ stats, contents }) => {
      const { total, ok, ko } = stats.numberOfRequests;
      const times = ["minResponseTime", "maxResponseTime", "meanResponseTime", "standardDeviation"];
      const own = [total, ok, ko, ...times.map((time) => stats[time].total)].map(Number);
      return [own, ...Object.values(contents ?? {}).flatMap(rows)];
    };
    return rows(stats);
  }
  const page = await readFile(join(run, "index.html"), "utf8");
  const rows = page.split(/<tr id="(?=ROOT|group_|req_)/).slice(1);
  return rows.map((row) => {
    const cell = (column) => Number(new RegExp(`col-${column}">([0-9.-]+)<`).exec(row)?.[1]);
    return [2, 3, 4, 7, 12, 13, 14].map(cell);
  });
}

/** Gatling's figures of a sample. */
async function expected(log) {
  const { rows } = JSON.parse(await readFile(join(samples, log, "expected.json"), "utf8"));
  return rows.map((row) => [row.total, row.ok, row.ko, row.min, row.max, row.mean, row.std_dev]);
}

/** Makes one log of several and lets Gatling report on it. */
async function reported(version, classPath, name, logs) {
  const results = join(place.folder, version, name);
  const run = join(results, "run");
  await mkdir(run, { recursive: true });
  const paths = logs.map((log) => join(samples, log, "simulation.log"));
  const line = ["merge", ...paths, "--gatling", version, "-o", join(run, "simulation.log")];
  await command(join(binaries, "bfgg"), line, { env: { ...process.env, ...place.environment() } });
  const java = ["--add-opens=java.base/java.lang=ALL-UNNAMED", "-cp", classPath, "io.gatling.app.Gatling"];
  await command("java", [...java, "-ro", "run", "-rf", results]).catch((error) => {
    // An assertion of the samples fails: it was evaluated.
    assert.equal(error.code, 2, `${error.stdout.slice(-3000)}\n${error.stderr}`);
  });
  return table(run);
}

const sorted = (rows) => rows.map((row) => row.join(" ")).sort();

for (const version of ["3.13.5", "3.15.1", "3.16.0"]) {
  test(`Gatling ${version} reports on merged logs`, { timeout: 300_000 }, async () => {
    const classPath = await gatling(version);
    const agents = ["3.16.0-agent1", "3.16.0-agent2"];
    const rows = await reported(version, classPath, "agents", agents);
    assert.deepEqual(sorted(rows), sorted(await expected("3.16.0-merged")));

    // A text log and a binary one, of two Gatlings.
    const parts = ["3.12.0", "3.15.1"];
    const [all] = await reported(version, classPath, "versions", parts);
    const [[one], [other]] = await Promise.all(parts.map(expected));
    assert.deepEqual(
      all.slice(0, 3),
      one.slice(0, 3).map((count, column) => count + other[column]),
    );
  });
}
