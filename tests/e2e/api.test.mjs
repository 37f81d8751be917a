// docs/api.md: all its commands, in their order, against a real controller with one agent.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Place, root } from "../harness/place.mjs";

const place = new Place("api", join(root, "target", "test", "e2e"));

before(async () => {
  await place.settle();
  place.start("bfgg", ["serve"]);
  await place.agent("lab-1");
  await place.available(1);
});
after(() => place.close());

test("what docs/api.md shows works", { timeout: 300_000 }, async () => {
  const page = await readFile(join(root, "docs", "api.md"), "utf8");
  const commands = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block);
  assert.ok(commands.length > 5);
  const script = join(place.folder, "api.sh");
  await writeFile(script, `set -euxo pipefail\n${commands.join("\n")}\necho all of it\n`);
  const env = { repository: await place.repository(), target: await place.shop() };
  const shell = place.spawn(["bash", script], env, "curl");
  const { code } = await shell.exited;
  const log = await readFile(join(root, "target", "test", "e2e", "api-curl.log"), "utf8");
  assert.equal(code, 0, log.slice(-3000));
  assert.match(log, /all of it\s*$/);
});

test("openapi.json's paths below /api/v1 are those of the server", async () => {
  const { paths } = JSON.parse(await readFile(join(root, "docs", "openapi.json"), "utf8"));
  const served = await place.api("GET", "/openapi.json");
  assert.deepEqual(Object.keys(served.paths).sort(), Object.keys(paths).sort());
});
