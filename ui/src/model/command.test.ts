import { expect, test } from "vitest";
import { spec } from "@/testing/fixtures";
import { bfggCommand, javaCommand, shellWord } from "./command";

test.each([
  ["users=200", "users=200"],
  ["a b", "'a b'"],
  ["it's", "'it'\\''s'"],
  ["$HOME", "'$HOME'"],
  ["", "''"],
])("%s is the word %s", (value, word) => expect(shellWord(value)).toBe(word));

test("the command has what differs from the defaults, secret values masked", () => {
  const command = bfggCommand({
    ...spec,
    parameters: [...spec.parameters, { name: "login", value: "•••", secret: true }],
    selection: { group: "lab a", count: 4 },
    max_duration_s: 5400,
    on_loss: "stop",
    stop_if: [{ kind: "errors", percent: 5, seconds: 30 }],
    dead_man_s: 120,
    description: "",
  });
  expect(command).toBe(
    [
      "bfgg run",
      "--repo https://git.example.com/team/load-tests.git",
      "--ref main",
      "--folder shop",
      "--simulation example.ShopSimulation",
      "--param users=200",
      "--param duration=600",
      "--param 'login=•••'",
      "--secret login",
      "--divide users",
      "--java-opts=-Xmx4G",
      "--group 'lab a'",
      "--agents 4",
      "--max-duration 1h30min",
      "--on-loss stop",
      "--stop-if 'errors > 5 % for 30 s'",
      "--dead-man 2min",
    ].join(" \\\n  "),
  );
});

test("a saved test is named, a folder is sent", () => {
  expect(bfggCommand(spec, "Checkout 1")).toBe("bfgg run \\\n  --test 'Checkout 1'");
  const snapshot = { id: "5f6e", name: "shop", dirty: false };
  const sent = { ...spec, source: { url: "", snapshot }, parameters: [], divide: [], java_options: [] };
  expect(bfggCommand({ ...sent, simulation: undefined as never, description: "" })).toContain(
    "--source shop",
  );
});

test("an agent gets its share, and the secret is masked", () => {
  const own = { ...spec, parameters: [...spec.parameters, { name: "login", value: "x", secret: true }] };
  expect(javaCommand(own, { users: "101" })).toBe(
    "java … \\\n  -Dusers=101 \\\n  -Dduration=600 \\\n  '-Dlogin=•••' \\\n  -Xmx4G \\\n  io.gatling.app.Gatling -s example.ShopSimulation",
  );
  expect(javaCommand({ ...own, simulation: "" }, {})).toContain("-s …");
});
