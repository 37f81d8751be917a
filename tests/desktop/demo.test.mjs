// `make demo`, where there is a display: one command, a window on the run, and nothing left.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";
import { artifacts } from "./harness/desktop.mjs";

const place = new Place("make-demo", artifacts);

before(() => place.settle());
after(() => place.close());

test("the demo opens the window on its run, ends with 0 and leaves nothing", {
  timeout: 400_000,
}, async () => {
  const out = join(place.folder, "out");
  const args = ["--users", "30", "--duration", "8", "--out", out];
  // The user's own Cargo, npm and Maven; beside that nothing of this place is set.
  const own = { HOME: process.env.HOME, XDG_CACHE_HOME: undefined, PROFILE: "dev" };
  const demo = place.spawn([join(root, "scripts", "demo.sh"), ...args], own, "demo");
  let ended = false;
  demo.exited.then(() => {
    ended = true;
  });
  const seen = await until(
    "the window on the run",
    async () => {
      assert.ok(!ended, "the demo has ended without a window on its run");
      const { stdout } = await promisify(execFile)("xwininfo", ["-root", "-tree"]);
      return /"(.*ShopSimulation.*)":.*bfgg/i.exec(stdout)?.[1];
    },
    300,
  );
  assert.match(seen, /BFG-G/);
  assert.deepEqual(await demo.exited, { code: 0, signal: null });
  const said = await readFile(join(artifacts, "make-demo-demo.log"), "utf8");
  assert.ok(said.includes(join(out, "summary.json")), said);
  const { stdout } = await promisify(execFile)("xwininfo", ["-root", "-tree"]);
  assert.ok(!stdout.includes("ShopSimulation"), "the window is closed");
  // The web view's own processes see a moment later that their window is gone.
  await until("no process is left", async () => (await place.processes()).length === 0);
});
