// Gatling's own report beside ours, in turns on the same log: seconds from start to end, and MB of
// memory at most. The arguments are the folder of our programs, the log, and a folder for the rest.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROUNDS = 2;
/** Where a heap is too small for the log the next one is tried. */
const GATLINGS = [
  { version: "3.15.1", heaps: [[]] },
  { version: "3.16.0", heaps: [["-Xmx4G"], ["-Xmx12G"]] },
];
const [programs, log, folder] = process.argv.slice(2);
const pom = fileURLToPath(new URL("../tests/sample-project/pom.xml", import.meta.url));
const bfgg = [join(programs, "bfgg"), "--config", join(folder, "bfgg.toml")];

/** Seconds and MB of one process. */
function measure([program, ...words]) {
  return new Promise((done, fail) => {
    const start = process.hrtime.bigint();
    const child = spawn(program, words, { stdio: ["ignore", "ignore", "pipe"] });
    let kilobytes = 0;
    let errors = "";
    child.stderr.on("data", (text) => {
      errors = (errors + text).slice(-20_000);
    });
    // It only grows; what it has taken last is looked at often enough to be missed by little.
    const look = () => {
      try {
        const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
        kilobytes = Math.max(kilobytes, Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1] ?? 0));
      } catch {
        // It has just ended.
      }
    };
    const looks = setInterval(look, 10);
    child.on("error", fail);
    child.on("exit", (code) => {
      clearInterval(looks);
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      if (code === 0) done({ seconds, megabytes: kilobytes / 1024 });
      else fail(new Error(`${program} ${words.join(" ")} ended with ${code}: ${errors}`));
    });
  });
}

/** What a process needs that reports on the log with a Gatling. */
function gatling(version) {
  const list = join(folder, `${version}.txt`);
  const goal = "org.apache.maven.plugins:maven-dependency-plugin:3.6.0:build-classpath";
  const maven = ["-B", "-q", "-f", pom, `-Dgatling.version=${version}`, goal, `-Dmdep.outputFile=${list}`];
  execFileSync("mvn", maven, { stdio: ["ignore", "ignore", "inherit"] });
  const results = join(folder, version);
  mkdirSync(join(results, "run"), { recursive: true });
  // The same records under a header of its version.
  const copy = ["merge", log, "--gatling", version, "-o", join(results, "run", "simulation.log")];
  execFileSync(bfgg[0], [...bfgg.slice(1), ...copy], { stdio: "ignore" });
  const opens = "--add-opens=java.base/java.lang=ALL-UNNAMED";
  const classPath = readFileSync(list, "utf8").trim();
  return (options) => [
    "java",
    ...options,
    opens,
    "-cp",
    classPath,
    "io.gatling.app.Gatling",
    "-ro",
    "run",
    "-rf",
    results,
  ];
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const figures = (results, key) => median(results.map((result) => result[key]));

console.log("\n| Beside Gatling's own report | seconds | MB of memory | times as fast | times the memory |");
console.log("|---|---|---|---|---|");
for (const one of GATLINGS) {
  const theirs = gatling(one.version);
  let [options, ...larger] = one.heaps;
  const [statistics, report, other] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    for (let i = 0; i < 3; i++)
      statistics.push(await measure([join(programs, "bfgg-bench"), "statistics", log]));
    report.push(await measure([...bfgg, "report", log, "--out", join(folder, "report")]));
    while (true) {
      try {
        other.push(await measure(theirs(options)));
        break;
      } catch (error) {
        if (larger.length === 0 || !String(error).includes("OutOfMemoryError")) throw error;
        console.log(`| Gatling ${one.version} -ro ${options.join(" ")} | out of memory | – | – | – |`);
        [options, ...larger] = larger;
      }
    }
  }
  const row = (what, results) => {
    const [seconds, megabytes] = [figures(results, "seconds"), figures(results, "megabytes")];
    const faster = figures(other, "seconds") / seconds;
    const smaller = figures(other, "megabytes") / megabytes;
    console.log(
      `| ${what} | ${seconds.toFixed(2)} | ${megabytes.toFixed(0)} | ${faster.toFixed(0)} | 1/${smaller.toFixed(0)} |`,
    );
  };
  row(`Gatling ${one.version} -ro ${options.join(" ")}`.trim(), other);
  row("decode and all statistics", statistics);
  row("bfgg report, all files", report);
  rmSync(join(folder, one.version), { recursive: true });
}
