// `make app`: builds the desktop app and opens it.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";
import { artifacts } from "./harness/desktop.mjs";

const place = new Place("make-app", artifacts);

before(() => place.settle());
after(() => place.close());

test("the app is built and its window opens", { timeout: 300_000 }, async () => {
  const env = { HOME: process.env.HOME, PROFILE: "dev" };
  const app = place.spawn([join(root, "scripts", "app.sh")], env, "app");
  await until(
    "the window",
    async () => {
      const { stdout } = await promisify(execFile)("xwininfo", ["-root", "-tree"]);
      return /"Agents · BFG-G"/.test(stdout);
    },
    240,
  );
  const { pid } = await place.controller();
  assert.equal(pid, app.pid, "the script becomes the app");
  assert.equal((await app.stop()).code, 0);
  await until("no process is left", async () => (await place.processes()).length === 0);
});
