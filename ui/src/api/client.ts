import type { Connection } from "@/host/host";
import { failureOf, unreachable } from "./error";
import type {
  Agent,
  AgentOutput,
  ApiToken,
  Caller,
  Doctor,
  Info,
  JoinInstructions,
  LocalAgent,
  LoggedIn,
  LoginLink,
  MadeApiToken,
  NoteSpec,
  PinnedNote,
  PrepareResult,
  PrepareSpec,
  Printer,
  Rights,
  Run,
  RunHealth,
  RunSpec,
  RunStretch,
  Sample,
  Series,
  StartTest,
  Summary,
  Test,
  TestSpec,
} from "./types";

/** The files of one agent of a run. */
export type RunFile = "simulation-log" | "output" | "build-output";

/** The files of a run's merged result. */
export type ReportFile = "report.html" | "stats.csv" | "junit.xml" | "summary.json";

/** Which lines of an output, and how many seconds to wait for something new. */
export interface OutputQuery {
  /** From this position on, or so many before the end. */
  lines: { from: number } | { last: number };
  wait: number;
}

/** The controller's HTTP API. Every call rejects with an ApiFailure, or an AbortError. */
export class ApiClient {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  caller = () => this.#json<Caller>("GET", "/caller");
  logIn = (code: string) => this.#json<LoggedIn>("POST", "/login", { code });
  logOutAll = () => this.#empty("DELETE", "/sessions");
  logOut = () => this.#empty("DELETE", "/login");
  loginLink = (rights: Rights) => this.#json<LoginLink>("POST", "/login-links", { rights });
  apiTokens = (signal?: AbortSignal) => this.#json<ApiToken[]>("GET", "/api-tokens", undefined, signal);
  addApiToken = (name: string) => this.#json<MadeApiToken>("POST", "/api-tokens", { name });
  removeApiToken = (id: string) => this.#empty("DELETE", `/api-tokens/${encodeURIComponent(id)}`);

  info = () => this.#json<Info>("GET", "/info");
  token = () => this.#json<JoinInstructions>("GET", "/token");
  rotateToken = () => this.#json<JoinInstructions>("POST", "/token/rotate");

  addAgent = (address: string) => this.#json<Agent>("POST", "/agents", { address });
  admit = (agent: string) => this.#json<Agent>("POST", `/agents/${encodeURIComponent(agent)}/admit`);
  pair = (agent: string, code: string) =>
    this.#json<Agent>("POST", `/agents/${encodeURIComponent(agent)}/pair`, { code });
  ignore = (agent: string, ignored: boolean) =>
    this.#json<Agent>(ignored ? "POST" : "DELETE", `/agents/${encodeURIComponent(agent)}/ignore`);
  removeAgent = (agent: string) => this.#empty("DELETE", `/agents/${encodeURIComponent(agent)}`);
  setGroup = (agent: string, group: string) =>
    this.#json<Agent>("PUT", `/agents/${encodeURIComponent(agent)}/group`, { group });
  clearError = (agent: string) => this.#json<Agent>("POST", `/agents/${encodeURIComponent(agent)}/clear`);
  doctor = (agent: string) => this.#json<Doctor>("POST", `/agents/${encodeURIComponent(agent)}/doctor`);

  startLocalAgent = () => this.#json<LocalAgent>("POST", "/local-agent");
  stopLocalAgent = () => this.#json<LocalAgent>("DELETE", "/local-agent");
  sample = () => this.#json<Sample>("POST", "/sample");

  simulations = (spec: PrepareSpec, signal?: AbortSignal) =>
    this.#json<PrepareResult>("POST", "/simulations", spec, signal);

  runs = (signal?: AbortSignal) => this.#json<Run[]>("GET", "/runs", undefined, signal);
  run = (run: string, signal?: AbortSignal) =>
    this.#json<Run>("GET", `/runs/${encodeURIComponent(run)}`, undefined, signal);
  startRun = (spec: RunSpec) => this.#json<Run>("POST", "/runs", spec);
  createTest = (test: TestSpec) => this.#json<Test>("POST", "/tests", test);
  changeTest = (id: string, test: TestSpec) =>
    this.#json<Test>("PUT", `/tests/${encodeURIComponent(id)}`, test);
  removeTest = (id: string) => this.#empty("DELETE", `/tests/${encodeURIComponent(id)}`);
  startTest = (id: string, start: StartTest) =>
    this.#json<Run>("POST", `/tests/${encodeURIComponent(id)}/runs`, start);
  stopRun = (run: string, force: boolean) =>
    this.#json<Run>("POST", `/runs/${encodeURIComponent(run)}/stop`, { force });
  summary = (run: string, signal?: AbortSignal) =>
    this.#json<Summary>("GET", `/runs/${encodeURIComponent(run)}/summary`, undefined, signal);
  series = (run: string, signal?: AbortSignal) =>
    this.#json<Series>("GET", `/runs/${encodeURIComponent(run)}/series`, undefined, signal);
  /** The figures of some seconds of a run alone. */
  stretch = (run: string, from: number, until: number, signal?: AbortSignal) =>
    this.#json<RunStretch>(
      "GET",
      `/runs/${encodeURIComponent(run)}/stretch?from_s=${from}&until_s=${until}`,
      undefined,
      signal,
    );
  addNote = (run: string, note: NoteSpec) =>
    this.#json<PinnedNote>("POST", `/runs/${encodeURIComponent(run)}/notes`, note);
  changeNote = (run: string, id: number, note: NoteSpec) =>
    this.#json<PinnedNote>("PUT", `/runs/${encodeURIComponent(run)}/notes/${id}`, note);
  removeNote = (run: string, id: number) =>
    this.#empty("DELETE", `/runs/${encodeURIComponent(run)}/notes/${id}`);
  health = (run: string, signal?: AbortSignal) =>
    this.#json<RunHealth>("GET", `/runs/${encodeURIComponent(run)}/health`, undefined, signal);
  output = (
    run: string,
    index: number,
    printer: Printer,
    { lines, wait }: OutputQuery,
    signal?: AbortSignal,
  ) => {
    const which = "from" in lines ? `from=${lines.from}` : `last=${lines.last}`;
    const path = `/runs/${encodeURIComponent(run)}/agents/${index}/output`;
    const query = `what=${printer}&${which}&wait_s=${wait}`;
    return this.#json<AgentOutput>("GET", `${path}?${query}`, undefined, signal);
  };

  async file(run: string, index: number, file: RunFile): Promise<Blob> {
    const path = `/runs/${encodeURIComponent(run)}/agents/${index}/files/${file}`;
    return (await this.#send("GET", path)).blob();
  }

  async reportFile(run: string, file: ReportFile): Promise<Blob> {
    return (await this.#send("GET", `/runs/${encodeURIComponent(run)}/files/${file}`)).blob();
  }

  /** The event stream's response, its body unread. */
  events = (signal: AbortSignal) => this.#send("GET", "/events", undefined, signal);

  /** The stream of a run's figures, its body unread. */
  figures = (run: string, signal: AbortSignal) =>
    this.#send("GET", `/runs/${encodeURIComponent(run)}/figures`, undefined, signal);

  async #json<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
    const response = await this.#send(method, path, body, signal);
    return (await response.json()) as T;
  }

  async #empty(method: string, path: string): Promise<void> {
    await this.#send(method, path);
  }

  async #send(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
    const { url, token, session } = this.#connection;
    const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
    if (token === null && session !== null) headers["x-bfgg-session"] = session;
    if (body !== undefined) headers["content-type"] = "application/json";
    let response: Response;
    try {
      response = await fetch(`${url}/api/v1${path}`, {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal: signal ?? null,
        cache: "no-store",
        // A token stands for itself; else the cookie and the key of a session do.
        credentials: token === null ? "same-origin" : "omit",
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw unreachable();
    }
    if (!response.ok) throw await failureOf(response);
    return response;
  }
}
