// What a user does with windows and keys.
import { execFile as execute } from "node:child_process";
import { promisify } from "node:util";
import { until } from "../../harness/wait.mjs";

const execFile = promisify(execute);

/** The windows that can be seen with this title, a regular expression. */
export async function windows(title) {
  const found = execFile("xdotool", ["search", "--onlyvisible", "--name", title]);
  const { stdout } = await found.catch(() => ({ stdout: "" }));
  return stdout.trim().split("\n").filter(Boolean);
}

/** Gives the window of this title the keyboard. */
export async function focus(title) {
  const window = await until(`a window "${title}"`, async () => (await windows(title))[0]);
  await execFile("xdotool", ["windowactivate", "--sync", window]);
}

/** Puts the window of this title away. */
export async function minimize(title) {
  const window = await until(`a window "${title}"`, async () => (await windows(title))[0]);
  await execFile("xdotool", ["windowminimize", window]);
  await gone(title);
}

export const gone = (title) => until(`no window "${title}"`, async () => (await windows(title)).length === 0);

/** Presses keys in the window that has the keyboard. */
export const press = (...keys) => execFile("xdotool", ["key", "--clearmodifiers", ...keys]);
