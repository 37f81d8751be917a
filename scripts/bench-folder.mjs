// How fast a folder reaches the agents, on this machine: from an edit of one file to the first request of
// each of three agents, with real Maven and Gatling; then a large folder to ten agents, the first time
// and after a change of one line. The argument is the large folder's size in MB, 500 if there is none.
import { randomFillSync } from "node:crypto";
import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { binaries, Place, root } from "../tests/harness/place.mjs";

const ROUNDS = 3;
const AGENTS = 10;
const megabytes = Number(process.argv[2] ?? 500);

/** A place with so many agents. */
async function open(name, agents) {
  const place = await new Place(name, join(root, "target", "test", "bench")).settle();
  place.start("bfgg", ["serve"]);
  for (let number = 1; number <= agents; number += 1) await place.agent(`lab-${number}`);
  await place.available(agents);
  return place;
}

/** Runs a folder, and returns when it began, how long it took, and what was said. */
async function run(place, folder, agents, args, label) {
  const began = Date.now();
  const line = [join(binaries, "bfgg"), "run", "--source", folder, "--agents", String(agents), ...args];
  const command = place.spawn(line, {}, label);
  const { code } = await command.exited;
  const took = Date.now() - began;
  await command.stop();
  const said = await readFile(join(place.artifacts, `${place.name}-${label}.log`), "utf8");
  return { began, took, code, said };
}

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

async function edited() {
  const place = await open("bench-edit", 3);
  try {
    const folder = fileURLToPath(await place.repository());
    let arrivals = [];
    const shop = createServer((_, response) => {
      arrivals.push(Date.now());
      response.end("{}");
    });
    await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
    place.closing.push(() => new Promise((resolve) => shop.close(resolve)));
    const smoke = join(folder, "src", "test", "java", "example", "SmokeSimulation.java");
    const args = ["--simulation", "example.SmokeSimulation", "--max-duration", "2m"];
    args.push("--param", `baseUrl=http://127.0.0.1:${shop.address().port}`);
    const rounds = [];
    for (let round = 0; round <= ROUNDS; round += 1) {
      await appendFile(smoke, `// ${round}\n`);
      arrivals = [];
      const { began, code, said } = await run(place, folder, 3, args, `run-${round}`);
      if (code !== 0) throw new Error(said);
      const [last] = await place.api("GET", "/runs");
      const of = (part) => Math.max(...last.agents.map((agent) => agent.prepared[part]));
      rounds.push({ all: arrivals[2] - began, build: of("build_ms"), fetch: of("fetch_ms") });
    }
    // The first one fetches and warms all there is.
    const [first, ...warm] = rounds;
    const shown = ({ all, build, fetch }) =>
      `${all} ms, of them ${build} ms building and ${fetch} ms fetching: ${all - build} ms beyond building`;
    console.log(`a folder's first run, until all of 3 agents have made a request: ${shown(first)}`);
    for (const round of warm) console.log(`  after an edit of one file: ${shown(round)}`);
    console.log(`  median beyond building: ${median(warm.map(({ all, build }) => all - build))} ms`);
  } finally {
    await place.close();
  }
}

async function large() {
  const place = await open("bench-large", AGENTS);
  try {
    const folder = join(place.folder, "large");
    await mkdir(folder);
    const part = Buffer.alloc(10_000_000);
    for (let number = 0; number * 10 < megabytes; number += 1) {
      await writeFile(join(folder, `${number}.bin`), randomFillSync(part));
    }
    await writeFile(join(folder, "notes.txt"), "one line\n");
    for (const what of ["the first time", "after a change of one line"]) {
      // There is nothing to build: the run ends as soon as all agents have the files.
      const { took, said } = await run(place, folder, AGENTS, ["--wait", "2m"], what.replaceAll(" ", "-"));
      if (!said.includes("There is no pom.xml")) throw new Error(said);
      console.log(`${megabytes} MB to ${AGENTS} agents, ${what}: ${(took / 1000).toFixed(1)} s`);
      await appendFile(join(folder, "notes.txt"), "another\n");
    }
  } finally {
    await place.close();
  }
}

await edited();
await large();
