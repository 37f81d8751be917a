// Builds the Rust tests and runs their programs, several at a time: most of them wait more than they
// work. What one prints comes as a whole once it has ended, and stays in the folder that is the only
// argument. The examples in the docs come last.
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join, relative } from "node:path";

const folder = process.argv[2];
/** These take longest, so they begin first. */
const SLOW = ["faults", "prepare", "api", "probe", "agent", "supervisor"];
/** No more than there are cores: deadlines are to hold. */
const AT_ONCE = availableParallelism();

/** Runs a program to its end; its exit code. */
function run(program, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, options);
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? 1));
  });
}

const workspace = ["--locked", "--workspace"];
const list = join(folder, "programs.json");
mkdirSync(folder, { recursive: true });
const file = openSync(list, "w");
const format = "--message-format=json-render-diagnostics";
const built = await run("cargo", ["test", ...workspace, "--no-run", format], {
  stdio: ["ignore", file, "inherit"],
});
closeSync(file);
if (built !== 0) process.exit(built);

const programs = readFileSync(list, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("{"))
  .map((line) => JSON.parse(line))
  .filter(({ reason, profile, executable }) => reason === "compiler-artifact" && profile.test && executable)
  .map(({ target, manifest_path, executable }) => ({
    name: target.name,
    from: relative(".", target.src_path),
    package: dirname(manifest_path),
    executable,
    rank:
      target.kind.includes("test") && SLOW.includes(target.name) ? SLOW.indexOf(target.name) : SLOW.length,
  }))
  .sort((one, other) => one.rank - other.rank);

let failed = 0;

/** Runs one of them as Cargo does, in its package's folder. */
async function test(program) {
  const log = join(folder, `${program.executable.split("/").at(-1)}.log`);
  const out = openSync(log, "w");
  const code = await run(program.executable, [], {
    cwd: program.package,
    env: { ...process.env, CARGO_MANIFEST_DIR: program.package },
    stdio: ["ignore", out, out],
  });
  closeSync(out);
  process.stdout.write(`     Running ${program.from}\n${readFileSync(log, "utf8")}`);
  if (code !== 0) {
    console.log(`${program.from}: failed (${code})`);
    failed += 1;
  }
}

const waiting = [...programs];
const lane = async () => {
  for (let program = waiting.shift(); program; program = waiting.shift()) await test(program);
};
await Promise.all(Array.from({ length: AT_ONCE }, lane));

const examples = await run("cargo", ["test", ...workspace, "--doc", "--no-fail-fast"], { stdio: "inherit" });
process.exit(failed === 0 && examples === 0 ? 0 : 1);
