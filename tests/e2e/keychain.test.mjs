// Where the controller keeps its key: a real keychain, and none.
import assert from "node:assert/strict";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { binaries, Place, root } from "../harness/place.mjs";
import { until } from "../harness/wait.mjs";

const options = { timeout: 60_000 };
let place;

beforeEach(async () => {
  place = await new Place("keychain", join(root, "target", "test", "e2e")).settle();
});
afterEach(() => place.close());

/** Starts a controller on a session bus of its own, with a keychain that is unlocked or without. */
function serve(keychain) {
  const unlock = keychain
    ? "printf pass | gnome-keyring-daemon --unlock --components=secrets >/dev/null && "
    : "";
  const script = `${unlock}exec "$@"`;
  const line = ["dbus-run-session", "--", "sh", "-c", script, "sh", join(binaries, "bfgg"), "serve"];
  const runtime = join(place.folder, "run");
  const env = { BFGG_KEYCHAIN: "on", XDG_RUNTIME_DIR: runtime, GNOME_KEYRING_CONTROL: undefined };
  const session = place.spawn(line, env, "bfgg");
  // A session ends with its program, not by a signal of its own.
  place.closing.push(() => end(session));
  return session;
}

async function info() {
  await until("the controller", () => place.api("GET", "/info"));
  return place.api("GET", "/info");
}

/** The session ends with the controller; a new start is not to find the old one's address. */
async function end(session) {
  try {
    const { pid } = JSON.parse(await readFile(join(place.data, "controller.json"), "utf8"));
    process.kill(pid, "SIGTERM");
  } catch (error) {
    // It has ended by itself.
    if (!["ENOENT", "ESRCH"].includes(error.code)) throw error;
  }
  await session.exited;
}

/** A test with a secret parameter. */
const secretTest = (name) => ({
  name,
  spec: {
    source: { url: "https://example.org/shop.git" },
    parameters: [{ name: "login", value: "hunter22", secret: true }],
  },
});

const keyFile = () => stat(join(place.data, "identity.key"));

test("the key is kept in the keychain, and found there again", options, async () => {
  await mkdir(join(place.folder, "run"), { mode: 0o700 });
  let session = serve(true);
  const first = await info();
  assert.match(first.identity, /^The key is in the .*(Secret Service|keyring|keychain)/i);
  await assert.rejects(keyFile(), { code: "ENOENT" });
  const kept = await place.api("POST", "/tests", secretTest("Shop"));
  assert.match(kept.secrets, /^Secret values are in the .*(Secret Service|keyring|keychain)/i);
  await assert.rejects(stat(join(place.data, "secrets.json")), { code: "ENOENT" });
  await end(session);

  session = serve(true);
  const again = await info();
  assert.deepEqual([again.peer, again.identity], [first.peer, first.identity]);
  // A copy takes over what is in the keychain: it is found there again.
  const copied = await place.api("POST", "/tests", {
    ...secretTest("Copy"),
    spec: kept.spec,
    copy_of: kept.id,
  });
  assert.equal(copied.secrets, kept.secrets);
  await end(session);

  // Without its keychain it makes no new key in silence: all agents would refuse it.
  session = serve(false);
  assert.ok((await session.exited).code > 0);
  const said = await readFile(join(place.artifacts, "keychain-bfgg.log"), "utf8");
  assert.match(said, new RegExp(`${first.peer}`));
  assert.match(said, /bfgg identity/);
});

test("where there is no keychain the key is a file of its own user, and it says so", options, async () => {
  await mkdir(join(place.folder, "run"), { mode: 0o700 });
  const session = serve(false);
  const { identity } = await info();
  assert.match(identity, /^The key is in the file .*identity\.key \(mode 0600\), since no keychain/);
  assert.equal((await keyFile()).mode & 0o777, 0o600);
  const { secrets } = await place.api("POST", "/tests", secretTest("Shop"));
  assert.match(secrets, /in the file .*secrets\.json \(mode 0600\), since no keychain could be used\.$/);
  assert.equal((await stat(join(place.data, "secrets.json"))).mode & 0o777, 0o600);
  await end(session);
});
