import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { binaries, Place, root } from "../harness/place.mjs";

const command = promisify(execFile);

/** One call of an API that only a host of the LAN reaches: `node -e CALL URL METHOD TOKEN BODY`. */
const CALL = `
  const [url, method, token, body] = process.argv.slice(1);
  const headers = { authorization: "Bearer " + token, "content-type": "application/json" };
  const answer = await fetch(url, { method, headers, body: body || undefined });
  console.log(JSON.stringify({ status: answer.status, text: await answer.text() }));`;

/** The controller's host and two agents' on one bridge; behind its router one more in another subnet. */
export const ADDRESSES = {
  controller: "10.77.0.1",
  "lab-1": "10.77.0.2",
  "lab-2": "10.77.0.3",
  far: "10.78.0.3",
};

/** A place whose programs run on hosts of a LAN of their own: network namespaces, gone at its end. */
export class Lan extends Place {
  static async open(name) {
    const lan = new Lan(name, join(root, "target", "test", "e2e"));
    await lan.settle();
    try {
      await lan.#build();
    } catch (error) {
      await lan.close();
      throw error;
    }
    return lan;
  }

  /** The namespace of a host; several tests may run at once. */
  host(name) {
    return `bfgg-${process.pid}-${name}`;
  }

  async #namespace(name) {
    await command("ip", ["netns", "add", this.host(name)]);
    this.closing.push(() => command("ip", ["netns", "del", this.host(name)]));
    await this.#ip(name, "link", "set", "lo", "up");
  }

  #ip(host, ...args) {
    return command("ip", ["-n", this.host(host), ...args]);
  }

  async #build() {
    await this.#namespace("switch");
    await this.#ip(
      "switch",
      "link",
      "add",
      "lan",
      "type",
      "bridge",
      "mcast_snooping",
      "0",
      "forward_delay",
      "0",
    );
    await this.#ip("switch", "addr", "add", "10.77.0.254/24", "dev", "lan");
    await this.#ip("switch", "link", "set", "lan", "up");
    await this.on("switch", "sysctl", "-qw", "net.ipv4.ip_forward=1");
    for (const [index, [name, address]] of Object.entries(ADDRESSES).entries()) {
      await this.#namespace(name);
      const port = `port${index}`;
      const peer = ["peer", "name", "eth0", "netns", this.host(name)];
      await this.#ip("switch", "link", "add", port, "type", "veth", ...peer);
      if (name === "far") {
        await this.#ip("switch", "addr", "add", "10.78.0.254/24", "dev", port);
      } else {
        await this.#ip("switch", "link", "set", port, "master", "lan");
      }
      await this.#ip("switch", "link", "set", port, "up");
      await this.#ip(name, "addr", "add", `${address}/24`, "dev", "eth0");
      await this.#ip(name, "link", "set", "eth0", "up");
      await this.#ip(name, "route", "add", "default", "via", address.replace(/\d+$/, "254"));
    }
  }

  environment() {
    // The defaults: known ports on all interfaces, discovery on.
    return { ...super.environment(), BFGG_LISTEN: undefined, BFGG_DISCOVERY: undefined };
  }

  /** Runs a command on a host to its end. */
  on(host, ...args) {
    return command("ip", ["netns", "exec", this.host(host), ...args]);
  }

  /** Starts one of our programs on a host. */
  startOn(host, program, args = [], env = {}) {
    const line = ["ip", "netns", "exec", this.host(host), join(binaries, program), ...args];
    return this.spawn(line, env, `${host}-${program}`);
  }

  /** What a host's firewall drops of what comes in, in nft's words. */
  async drop(host, ...rules) {
    const chain = "{ type filter hook input priority 0; policy accept; }";
    await this.on(host, "nft", "add table inet test");
    await this.on(host, "nft", `add chain inet test in ${chain}`);
    for (const rule of rules) await this.on(host, "nft", `add rule inet test in ${rule} drop`);
  }

  api(method, path, body) {
    return this.apiOn("controller", this.data, method, path, body);
  }

  /** A call of the API of a controller on any host; `data` is its folder. */
  async apiOn(host, data, method, path, body) {
    const { url, token } = await this.controller(data);
    const call = ["--input-type=module", "-e", CALL, `${url}/api/v1${path}`, method, token];
    const { stdout } = await this.on(
      host,
      process.execPath,
      ...call,
      body === undefined ? "" : JSON.stringify(body),
    );
    const answer = JSON.parse(stdout);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
    return answer.text ? JSON.parse(answer.text) : undefined;
  }

  /** Starts an agent on its host. */
  agentOn(host, args, env = {}) {
    return this.startOn(host, "bfgg-agent", args, { ...this.agentEnvironment(host), ...env });
  }

  /** The shop, on the controller's host; the answer is its base URL. */
  async shop() {
    const file = join(root, "tests", "harness", "shop.mjs");
    const serve = `const { openShop } = await import(${JSON.stringify(file)}); await openShop("0.0.0.0", 8080)`;
    const line = [process.execPath, "--input-type=module", "-e", serve];
    this.spawn(["ip", "netns", "exec", this.host("controller"), ...line], {}, "shop");
    return `http://${ADDRESSES.controller}:8080`;
  }

  /** Runs the sample project on so many agents, to its end. */
  async sample(agents, repository) {
    const [url, baseUrl] = [repository ?? (await this.repository()), await this.shop()];
    const parameters = Object.entries({ users: "6", duration: "3", baseUrl });
    const { id } = await this.api("POST", "/runs", {
      source: { url },
      simulation: "example.ShopSimulation",
      parameters: parameters.map(([name, value]) => ({ name, value })),
      selection: { count: agents },
    });
    return this.ended(id);
  }
}
