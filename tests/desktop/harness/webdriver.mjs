import { writeFile } from "node:fs/promises";
import { until } from "../../harness/wait.mjs";

const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";

/** A WebDriver session (https://www.w3.org/TR/webdriver2/) by plain HTTP calls. */
export class Session {
  constructor(driver, id) {
    this.driver = driver;
    this.id = id;
  }

  static async open(driver, capabilities) {
    const { sessionId } = await call(driver, "POST", "/session", {
      capabilities: { alwaysMatch: capabilities },
    });
    return new Session(driver, sessionId);
  }

  close() {
    return call(this.driver, "DELETE", `/session/${this.id}`);
  }

  command(method, path, body) {
    return call(this.driver, method, `/session/${this.id}${path}`, body);
  }

  url() {
    return this.command("GET", "/url");
  }

  title() {
    return this.command("GET", "/title");
  }

  /** Runs `script` as a function's body in the page; `await` works in it. */
  run(script, ...args) {
    return this.command("POST", "/execute/sync", {
      script: `return (async () => { ${script} }).apply(null, arguments)`,
      args,
    });
  }

  async screenshot(file) {
    await writeFile(file, Buffer.from(await this.command("GET", "/screenshot"), "base64"));
  }

  async findAll(css) {
    const found = await this.command("POST", "/elements", { using: "css selector", value: css });
    return found.map((element) => new Element(this, element[ELEMENT]));
  }

  /** The first element for `css`, with this text in it if one is given; waits for it. */
  find(css, { text, seconds } = {}) {
    const what = text === undefined ? css : `${css} with "${text}"`;
    return until(
      what,
      async () => {
        for (const element of await this.findAll(css)) {
          if (text === undefined || (await element.text()).includes(text)) return element;
        }
        return null;
      },
      seconds,
    );
  }

  /** The field that a label names. */
  async field(label) {
    return until(`the field "${label}"`, async () => {
      const id = await this.run(
        `const labels = [...document.querySelectorAll("label")];
         return labels.find((found) => found.textContent.trim() === arguments[0])?.htmlFor ?? null;`,
        label,
      );
      return id ? (await this.findAll(`[id="${id}"]`))[0] : null;
    });
  }
}

class Element {
  constructor(session, id) {
    this.session = session;
    this.path = `/element/${id}`;
  }

  /** All its text: WebDriver's own leaves out what is scrolled out of sight. */
  text() {
    return this.property("textContent");
  }

  property(name) {
    return this.session.command("GET", `${this.path}/property/${name}`);
  }

  click() {
    return this.session.command("POST", `${this.path}/click`, {});
  }

  async type(text) {
    await this.session.command("POST", `${this.path}/clear`, {});
    await this.session.command("POST", `${this.path}/value`, { text });
  }
}

async function call(driver, method, path, body) {
  const answer = await fetch(driver + path, {
    method,
    headers: { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
  const { value } = await answer.json();
  if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
  return value;
}
