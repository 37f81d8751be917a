// The notification at a run's end, and the log folder.
import assert from "node:assert/strict";
import { execFile as execute } from "node:child_process";
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { until } from "../harness/wait.mjs";
import { artifacts, Desktop } from "./harness/desktop.mjs";
import { focus, minimize, windows } from "./harness/keyboard.mjs";

const execFile = promisify(execute);

let programs;
let opened;
before(async () => {
  // A desktop's own `xdg-open` would start a file manager.
  programs = await mkdtemp(join(tmpdir(), "bfgg-programs-"));
  opened = join(programs, "opened");
  await writeFile(join(programs, "xdg-open"), `#!/bin/sh\nprintf '%s\\n' "$@" >>'${opened}'\n`);
  await chmod(join(programs, "xdg-open"), 0o755);
});
after(() => rm(programs, { recursive: true, force: true }));

const read = (file) => readFile(file, "utf8").catch(() => "");

/** Whether a program shows notifications; a call to it would have the bus start one. */
async function hasNotifications() {
  const owner = ["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.Notifications"];
  const bus = ["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"];
  return (await execFile("dbus-send", [...bus, ...owner])).stdout.includes("true");
}

/** The app's log, in the folder that the app has for it. */
async function log(desktop) {
  const share = join(desktop.folder, "share");
  const app = (await readdir(share)).find((name) => name.startsWith("org.bfgg.desktop"));
  return join(share, app, "logs", "desktop.log");
}

/** A run that takes seconds; `ref` makes it fail. */
async function shortRun(desktop, parameters, ref) {
  const { id } = await desktop.api("POST", "/runs", {
    source: { url: await desktop.repository(), reference: ref },
    simulation: "example.ShopSimulation",
    parameters: Object.entries(parameters).map(([name, value]) => ({ name, value })),
    divide: [],
    java_options: [],
    selection: {},
    max_duration_s: 120,
    description: "",
  });
  return desktop.ended(id);
}

test("a run's end is told in a notification, which shows the run", { timeout: 300_000 }, async () => {
  const desktop = await Desktop.open("notice", { PATH: `${programs}:${process.env.PATH}` });
  try {
    const config = join(desktop.folder, "dunstrc");
    // Names are never taken for markup by the app's own doing, so markup is on.
    await writeFile(config, '[global]\n    markup = full\n    format = "%s\\n%b"\n    idle_threshold = 0\n');
    desktop.spawn(["dunst", "-conf", config, "-print"], {}, "dunst");
    const told = join(artifacts, "notice-dunst.log");
    await until("dunst", hasNotifications);
    const page = await desktop.window();
    await desktop.agent("lab-1");
    await desktop.available(1);
    const shop = { users: "3", duration: "2", baseUrl: await desktop.shop() };

    // The user sees the window: nothing is to be told.
    await focus("BFG-G$");
    assert.equal((await shortRun(desktop, shop, "no-such-branch")).state, "failed");

    await minimize("BFG-G$");
    const run = await shortRun(desktop, shop);
    assert.equal(run.state, "finished", JSON.stringify(run.failures, null, 2));
    const text = await until("the notification", async () => {
      const text = await read(told);
      return text.includes("Run finished") && text;
    });
    const { rows } = await desktop.api("GET", `/runs/${run.id}/summary`);
    const all = rows.find((row) => row.kind === "all");
    assert.match(text, /example\.ShopSimulation/);
    assert.match(text, new RegExp(`\\b${all.total} requests, ${all.ko} KO\\b`));
    assert.match(text, new RegExp(`Verdict: ${run.verdict.level}`, "i"));
    assert.doesNotMatch(text, /Run failed/);

    await execFile("dunstctl", ["action", "0"]);
    await until("the run's page", async () => (await page.url()).endsWith(`#/runs/${run.id}`));
    await until("the window", async () => (await windows("BFG-G$")).length > 0);

    // The other thing that an app does with the desktop.
    await (await page.find("footer button", { text: "Log folder" })).click();
    const folder = await until("the folder", async () => (await read(opened)).trim() || null);
    assert.equal(join(folder, "desktop.log"), await log(desktop));
    assert.ok(await read(join(folder, "desktop.log")));
  } finally {
    await desktop.close();
  }
});

const BUS = `<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>`;

test("where nothing shows notifications a line in the log is all", { timeout: 120_000 }, async () => {
  const desktop = await Desktop.open("no-notice", { LOG_LEVEL: "debug" });
  try {
    // A session bus that can start no service.
    const config = join(desktop.folder, "bus.conf");
    await writeFile(config, BUS);
    desktop.spawn(["dbus-daemon", `--config-file=${config}`, "--nofork", "--print-address"], {}, "bus");
    const address = await until(
      "the bus",
      async () => /^unix:\S+/m.exec(await read(join(artifacts, "no-notice-bus.log")))?.[0],
    );
    desktop.env.DBUS_SESSION_BUS_ADDRESS = address;
    const page = await desktop.window();
    await desktop.agent("lab-1");
    await desktop.available(1);
    await minimize("BFG-G$");
    assert.equal((await shortRun(desktop, {}, "no-such-branch")).state, "failed");
    const file = await log(desktop);
    await until("the line", async () => /DEBUG.*there is no notification/.test(await read(file)));
    assert.doesNotMatch(await read(file), /(WARN|ERROR).*notification/);
    assert.ok(await page.title());
  } finally {
    await desktop.close();
  }
});
