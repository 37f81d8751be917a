// What the probe costs: requests that one real Gatling makes in ten seconds with it and without, on
// this machine, five times each in turn. The argument is Gatling's version, 3.16.0 if there is none.
//
// The second figure is by the time that its JVM had of the processors: what else runs on the machine
// spoils it less.
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
  process.on("disconnect", () => process.exit());
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
      "bash",
      [
        ...["-c", '"$@" >/dev/null 2>&1; code=$?; times; exit $code', "bash", "java"],
        ...(agent ? [`-javaagent:${jar}=0,${run}`] : []),
        ...["--add-opens=java.base/java.lang=ALL-UNNAMED", "-Xmx1G", `-Dseconds=${SECONDS}`],
        ...["-Dgatling.data.enableAnalytics=false", "-Dgatling.http.warmUpUrl="],
        ...["-Dgatling.data.writers.0=console", "-Dgatling.data.writers.1=file"],
        ...[`-DbaseUrl=http://127.0.0.1:${port}`, "-cp", `${classes}:${classPath}`],
        ...["io.gatling.app.Gatling", "-s", "example.FullSpeedSimulation", "-rf", run, "-nr"],
      ],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    let times = "";
    java.stdout.on("data", (data) => {
      times += data;
    });
    const code = await new Promise((resolve) => java.once("close", resolve));
    if (code !== 0) throw new Error(`Gatling ended with ${code}`);
    // The second line is of the children: user and system time, as 0m12.345s.
    const spent = times.trim().split("\n")[1].split(" ");
    const seconds = spent.map((time) => time.match(/(\d+)m([\d.]+)s/)).map(([, m, s]) => m * 60 + Number(s));
    const count = (await served()) - before;
    return { rate: count / SECONDS, perCpu: count / (seconds[0] + seconds[1]) };
  };

  const busy = loadavg()[0].toFixed(2);
  const ratios = { rate: [], perCpu: [] };
  for (let pair = 0; pair < PAIRS; pair++) {
    const made = {};
    // Each goes first in turn.
    for (const agent of pair % 2 === 0 ? [true, false] : [false, true]) {
      made[agent] = await gatling(`${pair}-${agent ? "with" : "without"}`, agent);
    }
    for (const [what, list] of Object.entries(ratios)) list.push(made.true[what] / made.false[what]);
    const say = ({ rate, perCpu }) => `${Math.round(rate)} requests/s (${Math.round(perCpu)} per CPU second)`;
    console.log(`pair ${pair + 1}: ${say(made.true)} with the probe, ${say(made.false)} without`);
  }
  server.kill();
  rmSync(folder, { recursive: true });
  for (const [what, list] of Object.entries(ratios)) {
    const sorted = list.toSorted((a, b) => a - b).map((ratio) => ratio.toFixed(3));
    const unit = what === "rate" ? "per second" : "per CPU second";
    console.log(
      `Gatling ${version}: ${sorted[PAIRS >> 1]} × as many ${unit} with the probe (${sorted.join(" ")})`,
    );
  }
  console.log(`The machine's load before: ${busy}`);
}
