// A controller without agents: the HTTP API on made-up data, and the built page, as the real one serves them.
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import type {
  Agent,
  ApiToken,
  Doctor,
  Info,
  LiveEvent,
  LiveFigures,
  LocalAgent,
  NoteSpec,
  PrepareResult,
  Rights,
  Run,
  RunHealth,
  RunSpec,
  Series,
  StartTest,
  Summary,
  Test,
  TestRef,
  TestSpec,
  Tick,
} from "@/api/types";
import { agent, info, prepared, run, runAgent, sampleSpec, savedTest } from "@/testing/fixtures";
import { Outputs } from "./outputs";
import { stretchOf, withNote } from "./stretch";

export const TOKEN = "test-token";
const DIST = new URL("../dist/", import.meta.url).pathname;

/** The policy both real hosts send. */
export const CSP =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self' http://127.0.0.1:* ipc: http://ipc.localhost; img-src 'self' data:";

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** The agent on this computer. */
export const LOCAL = agent(77, { name: "perf-desk", group: "" });

type Answer = { status: number; body?: unknown };

export class FakeController {
  info: Info = { ...info };
  agents: Agent[] = [];
  runs: Run[] = [];
  ticks: Record<string, Tick[]> = {};
  localAgent: LocalAgent = { state: "off" };
  tests: Test[] = [];
  summaries: Record<string, Summary> = {};
  series: Record<string, Series> = {};
  figures: Record<string, LiveFigures> = {};
  healths: Record<string, RunHealth> = {};
  outputs = new Outputs();
  doctor: Doctor["report"]["checks"] = [];
  prepare: Partial<PrepareResult> = {};
  /** The code that every agent shows, and how often a wrong one can be tried. */
  code = "1234-5678";
  triesLeft = 5;
  /** Runs that were asked for. */
  started: RunSpec[] = [];
  stops: { run: string; force: boolean }[] = [];
  /** What the next start is refused with. */
  refuseStart: { code: string; message: string; hint: string } | null = null;
  #server: Server;
  #streams = new Set<ServerResponse>();
  #sequence = 0;
  #beat: NodeJS.Timeout;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: Error) => response.writeHead(500).end(error.message));
    });
    this.#beat = setInterval(() => {
      for (const stream of this.#streams) stream.write(": alive\n\n");
    }, 2_000);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ends the server; a second call does nothing. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    clearInterval(this.#beat);
    this.outputs.end();
    this.dropStreams();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Sends an event to every viewer. */
  push(event: LiveEvent): void {
    for (const stream of this.#streams) this.#write(stream, event);
  }

  putRun(next: Run): void {
    this.runs = [next, ...this.runs.filter((known) => known.id !== next.id)];
    this.push({ type: "run", run: next });
  }

  putAgent(next: Agent): void {
    this.agents = [...this.agents.filter((known) => known.id !== next.id), next];
    this.push({ type: "agent", agent: next });
  }

  putLocalAgent(next: LocalAgent): void {
    this.localAgent = next;
    this.push({ type: "local-agent", local_agent: next });
  }

  /** Breaks every event stream, as a network would. */
  dropStreams(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  /** What the token lets one do. */
  rights: Rights = "all";
  apiTokens: ApiToken[] = [];

  get viewers(): number {
    return this.#streams.size;
  }

  #write(stream: ServerResponse, event: LiveEvent): void {
    this.#sequence += 1;
    stream.write(`id: ${this.#sequence}\ndata: ${JSON.stringify(event)}\n\n`);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname: path, searchParams } = new URL(request.url ?? "/", "http://x");
    if (!path.startsWith("/api/v1")) return this.#file(path, response);
    if (request.headers.authorization !== `Bearer ${TOKEN}`) {
      return send(
        response,
        refusal(401, "unauthorized", "This needs the API token.", "Use the link that bfgg serve prints."),
      );
    }
    const route = path.slice("/api/v1".length);
    if (route === "/events") return this.#stream(request, response);
    if (/\/files\/[a-z.-]+$/.test(route)) return void response.writeHead(200).end("the file's bytes");
    const [, run = ""] = /^\/runs\/([^/]+)\/figures$/.exec(route) ?? [];
    if (run) return this.#figures(decodeURIComponent(run), response);
    const output = await this.outputs.answer(route, searchParams, request);
    if (output) return send(response, ok(output));
    const [, stretched = ""] = /^\/runs\/([^/]+)\/stretch$/.exec(route) ?? [];
    if (stretched) return send(response, this.#stretch(decodeURIComponent(stretched), searchParams));
    const method = request.method ?? "GET";
    const [, noted = "", note = "0"] = /^\/runs\/([^/]+)\/notes(?:\/(\d+))?$/.exec(route) ?? [];
    if (noted) {
      const spec = (await json(request)) as NoteSpec | undefined;
      return send(response, this.#note(decodeURIComponent(noted), method, Number(note), spec));
    }
    return send(response, await this.#answer(method, route, await json(request)));
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    this.#streams.add(response);
    request.on("close", () => this.#streams.delete(response));
    const { info, agents, runs, ticks, localAgent, tests } = this;
    this.#write(response, { type: "snapshot", info, agents, runs, ticks, local_agent: localAgent, tests });
  }

  /** As the real one: at once, and then as they come. */
  #figures(run: string, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.flushHeaders();
    const figures = this.figures[run];
    if (figures) response.write(`data: ${JSON.stringify(figures)}\n\n`);
  }

  #stretch(run: string, search: URLSearchParams): Answer {
    const [summary, figures] = [this.summaries[run], this.figures[run]];
    const seconds = this.series[run]?.seconds.length ?? this.ticks[run]?.length ?? 0;
    const whole = summary ?? figures;
    return whole
      ? ok(stretchOf(whole, seconds, search, summary !== undefined))
      : refusal(404, "no-figures", `Run ${run} has no figures by second.`, "");
  }

  #note(run: string, method: string, id: number, spec: NoteSpec | undefined): Answer {
    const known = this.runs.find((candidate) => candidate.id === run);
    if (!known) return refusal(404, "run-unknown", "There is no such run.", "");
    const { next, note } = withNote(known, method, id, spec);
    this.putRun(next);
    return note ? { status: method === "POST" ? 201 : 200, body: note } : { status: 204 };
  }

  // The table of routes; one screenful is easier to check against the contract than many small functions.
  async #answer(method: string, route: string, body: unknown): Promise<Answer> {
    const [, what, id = "", action] = route.split("/").map(decodeURIComponent);
    const known = this.agents.find((candidate) => candidate.id === id);
    const saved = this.tests.find((candidate) => candidate.id === id);
    const asked = this.runs.find((candidate) => candidate.id === id);
    switch (`${method} ${what}${id && "/:id"}${action ? `/${action}` : ""}`) {
      case "GET caller":
        return ok({ rights: this.rights, session: false });
      case "GET api-tokens":
        return ok(this.apiTokens);
      case "POST api-tokens":
        return ok({
          token: { id: "c3", name: (body as { name: string }).name, created_ms: Date.now() },
          secret: "bfgg_read_made-up-for-this-screen-alone-0123456789",
        });
      case "POST login-links":
        return ok({ urls: ["http://127.0.0.1:7411/#code=made-up-0123456789"], until_ms: 1_800_000_000_000 });
      case "GET info":
        return ok(this.info);
      case "GET token":
      case "POST token/:id":
        return ok({ token: "BFGG-1-abcdef0123456789", command: "bfgg-agent --join BFGG-1-abcdef0123456789" });
      case "POST local-agent":
        this.putLocalAgent({ state: "on", agent: LOCAL.id });
        this.putAgent(LOCAL);
        return ok(this.localAgent);
      case "DELETE local-agent":
        this.putLocalAgent({ state: "off", agent: LOCAL.id });
        return ok(this.localAgent);
      case "POST sample":
        return ok({ spec: { ...sampleSpec, selection: { agents: [LOCAL.id] } } });
      case "GET agents":
        return ok(this.agents);
      case "POST agents":
        return this.#add((body as { address: string }).address);
      case "POST agents/:id/admit":
        return this.#changed(known, { trust: "admitted" });
      case "POST agents/:id/pair":
        return this.#pair(known, (body as { code: string }).code);
      case "POST agents/:id/ignore":
        return this.#changed(known, { ignored: true });
      case "DELETE agents/:id/ignore":
        return this.#changed(known, { ignored: false });
      case "PUT agents/:id/group":
        return this.#changed(known, { group: (body as { group: string }).group });
      case "POST agents/:id/clear":
        return this.#changed(known, { phase: "available", failure: null });
      case "POST agents/:id/doctor":
        return ok({ agent: id, report: { checks: this.doctor, toolchains: known?.toolchains } });
      case "DELETE agents/:id":
        this.agents = this.agents.filter((candidate) => candidate.id !== id);
        this.push({ type: "agent-removed", id });
        return { status: 204 };
      case "GET tests":
        return ok(this.tests);
      case "POST tests":
        return this.#save(body as TestSpec);
      case "PUT tests/:id":
        return this.#save(body as TestSpec, saved);
      case "DELETE tests/:id":
        this.tests = this.tests.filter((candidate) => candidate.id !== id);
        this.push({ type: "test-removed", id });
        return { status: 204 };
      case "POST tests/:id/runs":
        return saved
          ? this.#start((body as StartTest).spec ?? saved.spec, { id, name: saved.name, changed: false })
          : refusal(404, "test-unknown", "There is no such test.", "");
      case "POST simulations":
        return ok({
          agent: "x",
          name: "lab-1",
          prepared: { ...prepared, simulation: null },
          failure: null,
          ...this.prepare,
        });
      case "GET runs":
        return ok(this.runs);
      case "POST runs":
        return this.#start(body as RunSpec);
      case "GET runs/:id":
        return asked ? ok(asked) : refusal(404, "unknown-run", "There is no such run.", "");
      case "POST runs/:id/stop":
        return this.#stop(asked, (body as { force: boolean }).force);
      case "GET runs/:id/summary":
        return this.summaries[id]
          ? ok(this.summaries[id])
          : refusal(404, "no-summary", "This run has no summary.", "");
      case "GET runs/:id/series":
        return ok(this.series[id] ?? { start_ms: 0, seconds: [] });
      case "GET runs/:id/health":
        return ok(this.healths[id] ?? { agents: [] });
      default:
        return refusal(404, "not-found", `There is no ${method} ${route}.`, "See /api/v1/openapi.json.");
    }
  }

  #changed(known: Agent | undefined, part: Partial<Agent>): Answer {
    if (!known) return refusal(404, "unknown-agent", "There is no such agent.", "");
    const next = { ...known, ...part };
    this.putAgent(next);
    return ok(next);
  }

  #pair(known: Agent | undefined, code: string): Answer {
    if (known && code !== this.code) {
      this.triesLeft -= 1;
      const message = `That is not the code of ${known.name}: ${this.triesLeft} tries are left.`;
      return refusal(409, "wrong-code", message, "Compare it with what the agent shows.");
    }
    return this.#changed(known, { trust: "admitted" });
  }

  #add(address: string): Answer {
    if (address.startsWith("10.")) {
      return refusal(
        504,
        "unreachable",
        `${address} did not answer within 10 s.`,
        "Check that bfgg-agent runs there and that its port is open.",
      );
    }
    const next = agent(90, { name: "added", address, trust: "pending" });
    this.putAgent(next);
    return ok(next);
  }

  putTest(next: Test): void {
    this.tests = [...this.tests.filter((known) => known.id !== next.id), next];
    this.push({ type: "test", test: next });
  }

  #save({ revision, copy_of: _, ...wanted }: TestSpec, before?: Test): Answer {
    if (before && revision !== before.revision) {
      return refusal(409, "test-changed", "The test was changed meanwhile.", "Open it again.");
    }
    const fresh = savedTest(this.tests.length + 1, { revision: 0, runs: [] });
    const kept = before ?? fresh;
    const next = { ...kept, ...wanted, revision: kept.revision + 1, changed_ms: Date.now() };
    this.putTest(next);
    return { status: before ? 200 : 201, body: next };
  }

  #start(spec: RunSpec, test?: TestRef): Answer {
    this.started.push(spec);
    if (this.refuseStart) return { status: 409, body: this.refuseStart };
    const next = run(50 + this.started.length, {
      spec,
      ...(test && { test }),
      state: "preparing",
      created_ms: Date.now(),
      started_ms: null,
      ended_ms: null,
      simulation: spec.simulation ?? null,
      agents: [
        runAgent(0, { phase: "fetching", step: "git fetch", live: null }),
        runAgent(1, { phase: "waiting" }),
      ],
      live: {
        elapsed_s: 0,
        ok: 0,
        ko: 0,
        per_second: 0,
        users_active: 0,
        users_done: 0,
        users_waiting: 0,
        agents: 0,
      },
      has_summary: false,
    });
    this.putRun(next);
    return { status: 201, body: next };
  }

  #stop(asked: Run | undefined, force: boolean): Answer {
    if (!asked) return refusal(404, "unknown-run", "There is no such run.", "");
    this.stops.push({ run: asked.id, force });
    const next: Run = { ...asked, state: force ? "collecting" : "stopping" };
    this.putRun(next);
    return { status: 202, body: next };
  }

  async #file(path: string, response: ServerResponse): Promise<void> {
    const name = normalize(path === "/" ? "/index.html" : path);
    try {
      const bytes = await readFile(join(DIST, name));
      const type = TYPES[extname(name)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, "content-security-policy": CSP }).end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  }
}

const ok = (body: unknown): Answer => ({ status: 200, body });
const refusal = (status: number, code: string, message: string, hint: string): Answer => ({
  status,
  body: { code, message, hint },
});

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

async function json(request: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const text = Buffer.concat(parts).toString("utf8");
  return text ? JSON.parse(text) : undefined;
}
