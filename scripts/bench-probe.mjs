// What the probe costs: requests that one real Gatling makes in ten seconds with it and without, on
// this machine, five times each in turn. The argument is Gatling's version, 3.16.0 if there is none.
import { execFileSync, fork, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PAIRS = 5;
const SECONDS = 10;
const root = fileURLToPath(new URL("..", import.meta.url));

// The other process: answers everything, and tells how often when it is asked.
if (process.send) {
  const answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
  let served = 0;
  const server = createServer({ noDelay: true }, (visitor) => {
    visitor.on("error", () => {});
    let rest = "";
    visitor.on("data", (data) => {
      const requests = (rest + data.toString("latin1")).split("\r\n\r\n");
      rest = requests.pop();
      served += requests.length;
      visitor.write(answer.repeat(requests.length));
    });
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
  process.on("message", () => process.send(served));
} else {
  await measure(process.argv[2] ?? "3.16.0");
}

/** The jar that Cargo's build of the agent has made. */
function probe() {
  const built = execFileSync("cargo", ["build", "--locked", "-p", "bfgg-agent", "--message-format=json"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const messages = built.split("\n").filter((line) => line.startsWith("{"));
  const ours = messages
    .map((line) => JSON.parse(line))
    .filter((message) => message.reason === "build-script-executed")
    .find((message) => /bfgg-agent|src-agent/.test(message.package_id));
  return join(ours.out_dir, "probe.jar");
}

async function measure(version) {
  const folder = mkdtempSync(join(tmpdir(), "bfgg-bench-probe-"));
  const list = join(folder, "classpath.txt");
  const pom = join(root, "tests", "sample-project", "pom.xml");
  const options = ["-B", "-q", "-Dstyle.color=never", "-f", pom, `-Dgatling.version=${version}`];
  const goal = ["dependency:build-classpath", "-Dmdep.includeScope=test", `-Dmdep.outputFile=${list}`];
  execFileSync("mvn", [...options, ...goal]);
  const classPath = readFileSync(list, "utf8").trim();
  const sources = join(root, "src-agent", "tests", "probe", "example");
  const classes = join(folder, "classes");
  execFileSync("javac", ["-cp", classPath, "-d", classes, join(sources, "FullSpeedSimulation.java")]);
  writeFileSync(join(classes, "logback.xml"), readFileSync(join(sources, "logback.xml")));
  const jar = probe();

  const server = fork(fileURLToPath(import.meta.url), { stdio: "inherit" });
  const told = () => new Promise((resolve) => server.once("message", resolve));
  const port = await told();
  const served = () => {
    const count = told();
    server.send("served");
    return count;
  };
  const gatling = async (name, agent) => {
    const run = join(folder, name);
    mkdirSync(run);
    // Its start is not held: it was released long ago.
    writeFileSync(join(run, "control"), '{"release_ms": 0}');
    const before = await served();
    const java = spawn(
      "java",
      [
        ...(agent ? [`-javaagent:${jar}=0,${run}`] : []),
        ...["--add-opens=java.base/java.lang=ALL-UNNAMED", "-Xmx1G", `-Dseconds=${SECONDS}`],
        ...["-Dgatling.data.enableAnalytics=false", "-Dgatling.http.warmUpUrl="],
        ...["-Dgatling.data.writers.0=console", "-Dgatling.data.writers.1=file"],
        ...[`-DbaseUrl=http://127.0.0.1:${port}`, "-cp", `${classes}:${classPath}`],
        ...["io.gatling.app.Gatling", "-s", "example.FullSpeedSimulation", "-rf", run, "-nr"],
      ],
      { stdio: "ignore" },
    );
    const code = await new Promise((resolve) => java.once("close", resolve));
    if (code !== 0) throw new Error(`Gatling ended with ${code}`);
    return (await served()) - before;
  };

  const busy = loadavg()[0].toFixed(2);
  const ratios = [];
  for (let pair = 0; pair < PAIRS; pair++) {
    const counts = {};
    // Each goes first in turn.
    for (const agent of pair % 2 === 0 ? [true, false] : [false, true]) {
      counts[agent] = await gatling(`${pair}-${agent ? "with" : "without"}`, agent);
    }
    ratios.push(counts.true / counts.false);
    const rate = (count) => `${Math.round(count / SECONDS)} requests/s`;
    console.log(`pair ${pair + 1}: ${rate(counts.true)} with the probe, ${rate(counts.false)} without`);
  }
  server.kill();
  rmSync(folder, { recursive: true });
  const sorted = ratios.toSorted((a, b) => a - b);
  const [median, all] = [sorted[PAIRS >> 1].toFixed(3), sorted.map((ratio) => ratio.toFixed(3)).join(" ")];
  console.log(`Gatling ${version}: ${median} × as many with the probe (${all}; load before ${busy})`);
}
