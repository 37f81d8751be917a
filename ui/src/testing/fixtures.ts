// Made-up data of the API's types, for tests in jsdom and in a real browser.
import type {
  Agent,
  AgentClock,
  Failure,
  Health,
  Info,
  LiveEvent,
  LiveFigures,
  LiveSecond,
  Prepared,
  Row,
  Run,
  RunAgent,
  RunHealth,
  RunSpec,
  Series,
  Summary,
  Test,
  TestRun,
  Tick,
  Times,
  Verdict,
} from "@/api/types";

/** A fixed moment: 2026-03-02 09:30:00 UTC. */
export const T0 = Date.UTC(2026, 2, 2, 9, 30);
const GIB = 1024 ** 3;

export const info: Info = {
  name: "perf-desk",
  version: "0.1.0",
  peer: "12D3KooWController00000000000000000000000000000000000",
  addresses: ["192.168.7.20:7410", "[fd00::20]:7410"],
  identity: "The key is in the keychain of this computer.",
  discovery: true,
  warnings: [],
};

type Snapshot = Extract<LiveEvent, { type: "snapshot" }>;

/** What a viewer gets first; there is nothing yet unless `part` says so. */
export const snapshotEvent = (part: Partial<Snapshot> = {}): Snapshot => ({
  type: "snapshot",
  info,
  agents: [],
  runs: [],
  ticks: {},
  local_agent: { state: "off" },
  tests: [],
  ...part,
});

const peer = (n: number) =>
  `12D3KooW${String(n).padStart(4, "0")}AgentAgentAgentAgentAgentAgentAg${String(n).padStart(8, "x")}`;

const clockOf = (offset_ms: number): AgentClock => ({
  offset_ms,
  uncertainty_ms: 0.3,
  measured_ms: T0,
  drift: { ppm: 11.5, uncertainty_ppm: 0.8 },
});

/** A machine at rest. */
export function health(part: Partial<Health> = {}): Health {
  return {
    cpu_percent: 4,
    steal_percent: 0,
    quota_percent: 0,
    throttled_percent: 0,
    jvm_percent: 0,
    load_1m: 0.4,
    memory_used_bytes: 6 * GIB,
    memory_total_bytes: 32 * GIB,
    swap_used_bytes: 0,
    heap_used_bytes: 0,
    heap_max_bytes: 0,
    gc_ms: 0,
    gc_pause_ms: 0,
    rx_bytes_s: 2_400,
    tx_bytes_s: 1_800,
    link_bits_s: 1_000_000_000,
    open_files: 0,
    open_files_limit: 0,
    ports_used: 2,
    ports_range: 28_232,
    sockets_established: 4,
    sockets_time_wait: 0,
    sockets_close_wait: 0,
    sockets_other: 0,
    retransmits_s: 0,
    segments_s: 30,
    disk_free_bytes: 180 * GIB,
    ...part,
  };
}

/** A machine that makes load. */
export const loaded = (part: Partial<Health> = {}): Health =>
  health({
    cpu_percent: 62,
    jvm_percent: 55.5,
    steal_percent: 1.2,
    quota_percent: 0,
    throttled_percent: 0,
    load_1m: 6.8,
    memory_used_bytes: 11 * GIB,
    heap_used_bytes: 1.4 * GIB,
    heap_max_bytes: 4 * GIB,
    gc_ms: 12,
    gc_pause_ms: 9,
    rx_bytes_s: 38_000_000,
    tx_bytes_s: 6_400_000,
    open_files: 1_240,
    open_files_limit: 1_048_576,
    ports_used: 1_180,
    sockets_established: 1_204,
    sockets_time_wait: 310,
    retransmits_s: 3,
    segments_s: 9_400,
    ...part,
  });

export function agent(n: number, part: Partial<Agent> = {}): Agent {
  const id = peer(n);
  return {
    id,
    short_id: id.slice(-8),
    name: `lab-${n}`,
    group: n % 2 ? "frankfurt" : "dublin",
    labels: ["linux"],
    address: `192.168.7.${30 + n}:7412`,
    trust: "admitted",
    ignored: false,
    remark: "",
    liveness: "alive",
    last_seen_ms: T0,
    phase: "available",
    step: "",
    lease: null,
    failure: null,
    version: "0.1.0",
    machine: { os: "Debian GNU/Linux 12", arch: "x86_64", cores: 8, memory_bytes: 32 * GIB },
    toolchains: {
      jdks: [
        { home: "/usr/lib/jvm/java-17-openjdk-amd64", version: "17.0.15", feature: 17, vendor: "Debian" },
        { home: "/opt/jdk-21", version: "21.0.4", feature: 21, vendor: "Eclipse Adoptium" },
      ],
      git: "2.39.5",
      build_tools: [
        { name: "mvn", version: "3.8.7", path: "/usr/bin/mvn" },
        { name: "sbt", version: "1.10.7", path: "/usr/bin/sbt" },
      ],
    },
    health: health({ cpu_percent: 3 + n }),
    clock: clockOf(n * 1.4),
    ...part,
  };
}

export const buildFailure: Failure = {
  code: "build-failed",
  phase: "build",
  message: "mvn test-compile failed in the folder load-tests.",
  hint: "Correct the error in the project and push it, then start again.",
  detail:
    "[ERROR] /src/test/java/example/ShopSimulation.java:[41,17] cannot find symbol\n  symbol:   variable serach\n  location: class example.ShopSimulation\n[INFO] BUILD FAILURE",
};

export const spec: RunSpec = {
  source: { url: "https://git.example.com/team/load-tests.git", reference: "main", folder: "shop" },
  simulation: "example.ShopSimulation",
  parameters: [
    { name: "users", value: "200" },
    { name: "duration", value: "600" },
  ],
  divide: ["users"],
  java_options: ["-Xmx4G"],
  selection: {},
  max_duration_s: 4 * 3600,
  on_loss: "go-on",
  stop_if: [],
  description: "Baseline before the release",
};

export const prepared: Prepared = {
  commit: "3f9c2a7be1d04c5a9f6e8b7d6c5a4b3c2d1e0f9a",
  build_tool: "maven",
  simulations: ["example.ShopSimulation", "example.SmokeSimulation"],
  simulation: "example.ShopSimulation",
  jdk: { home: "/usr/lib/jvm/java-17-openjdk-amd64", version: "17.0.15", feature: 17, vendor: "Debian" },
  gatling: "3.16.0",
  indicators: {
    lower_bound_ms: 800,
    higher_bound_ms: 1200,
    percentiles_milli: [50_000, 75_000, 95_000, 99_000],
  },
  fetch_ms: 840,
  build_ms: 11_200,
};

/** The sample, as the controller fills it in. */
export const sampleSpec: RunSpec = {
  ...spec,
  source: { url: "file:///home/tester/.local/share/bfgg/sample/shop-0123456789ab", reference: "main" },
  simulation: "example.ShopSimulation",
  parameters: [
    { name: "users", value: "60" },
    { name: "duration", value: "30" },
  ],
  divide: ["users"],
  max_duration_s: 600,
  description: "The sample",
};

export function runAgent(index: number, part: Partial<RunAgent> = {}): RunAgent {
  return {
    id: peer(index + 1),
    name: `lab-${index + 1}`,
    index,
    phase: "running",
    step: "",
    parameters: { users: "100" },
    prepared,
    live: null,
    end: null,
    collected_bytes: 0,
    failure: null,
    ...part,
  };
}

export const runId = (n: number) => `0195f0a0-0000-7000-8000-${String(n).padStart(12, "0")}`;

export function run(n: number, part: Partial<Run> = {}): Run {
  return {
    id: runId(n),
    spec,
    state: "finished",
    created_ms: T0 + n * 3_600_000,
    started_ms: T0 + n * 3_600_000 + 24_000,
    ended_ms: T0 + n * 3_600_000 + 24_000 + 600_000,
    commit: prepared.commit,
    simulation: "example.ShopSimulation",
    gatling: "3.16.0",
    agents: [runAgent(0, { phase: "collected" }), runAgent(1, { phase: "collected" })],
    live: {
      elapsed_s: 600,
      ok: 118_240,
      ko: 1_312,
      per_second: 199.4,
      users_active: 0,
      users_done: 400,
      users_waiting: 0,
      agents: 2,
      times: {
        count: 119_552,
        mean_ms: 61,
        max_ms: 1_910,
        percentiles: [
          { percent: 50, ms: 42 },
          { percent: 75, ms: 71 },
          { percent: 95, ms: 184 },
          { percent: 99, ms: 412 },
        ],
      },
    },
    failures: [],
    notes: ["users is divided: 100 on each agent. Everything else runs whole on each agent."],
    stopped: null,
    events: [],
    offered_load: [],
    has_summary: true,
    verdict: n >= 8 ? suspect : valid,
    revision: 1,
    folder: `/home/perf/.local/share/bfgg/runs/${runId(n)}`,
    ...part,
  };
}

export const testId = (n: number) => `0195f0a0-0000-7000-9000-${String(n).padStart(12, "0")}`;

/** Runs of a test, the newest first. */
const testRuns = (n: number, count: number): TestRun[] =>
  Array.from({ length: count }, (_, age) => ({
    id: runId(n * 100 + count - age),
    state: "finished",
    created_ms: T0 - age * 86_400_000,
    verdict: "valid",
    figures: { ok: 118_240, ko: 120 + ((count - age) % 4) * 90, p95_ms: 150 + (((count - age) * 37) % 60) },
  }));

export function savedTest(n: number, part: Partial<Test> = {}): Test {
  return {
    id: testId(n),
    name: `Checkout ${n}`,
    description: "All of the shop's pages, as on a Friday evening",
    labels: ["shop", "nightly"],
    spec,
    revision: 3,
    created_ms: T0,
    changed_ms: T0,
    secrets: null,
    runs: testRuns(n, 12),
    ...part,
  };
}

export const times = (base: number): Times => ({
  min: Math.round(base * 0.2),
  p50: base,
  p75: Math.round(base * 1.4),
  p95: Math.round(base * 2.6),
  p99: Math.round(base * 4.1),
  max: Math.round(base * 9.7),
  mean: Math.round(base * 1.2),
  std_dev: Math.round(base * 0.7),
});

export function row(kind: Row["kind"], path: string[], total: number, ko: number, base: number): Row {
  return {
    kind,
    path,
    total,
    ok: total - ko,
    ko,
    percent_ko: total > 0 ? (ko / total) * 100 : 0,
    per_second: total / 600,
    ...times(base),
    ok_only: times(base),
    ko_only: ko > 0 ? times(base * 2) : times(0),
    ranges: [total - ko - 30, 20, 10, ko],
    duration: kind === "group" ? times(base * 3) : null,
    error_percent: 0,
  };
}

export function summary(n: number, part: Partial<Summary> = {}): Summary {
  return {
    run: runId(n),
    simulation: "example.ShopSimulation",
    started: "2026-03-02T09:30:24.000Z",
    duration_ms: 600_214,
    columns: { lower_bound_ms: 800, higher_bound_ms: 1200, percentiles: [50, 75, 95, 99] },
    agents: [
      {
        name: "lab-1",
        peer: peer(1),
        total: 59_801,
        ok: 59_140,
        ko: 661,
        start_offset_ms: 0,
        unfinished_users: 0,
        released_after_ms: 0.6,
        clock: clockOf(1.4),
      },
      {
        name: "lab-2",
        peer: peer(2),
        total: 59_751,
        ok: 59_100,
        ko: 651,
        start_offset_ms: 14,
        unfinished_users: 3,
        released_after_ms: 3.2,
        clock: clockOf(300_002.1),
      },
    ],
    start_spread_ms: 14,
    start: { held: true, spread_ms: 2.6, uncertainty_ms: 1.6 },
    steady: { per_second: 199.42, from_ms: 14, duration_ms: 600_000 },
    users: [
      { scenario: "", started: 1_200, ended: 1_197, unfinished: 3, max_active: 240 },
      { scenario: "Shoppers", started: 1_200, ended: 1_197, unfinished: 3, max_active: 240 },
    ],
    rows: [
      row("all", [], 119_552, 1_312, 84),
      row("request", ["Home"], 24_010, 0, 41),
      row("group", ["Search"], 24_004, 312, 310),
      row("request", ["Search", "Search form"], 24_008, 0, 52),
      row("request", ["Search", "Search results"], 24_004, 312, 258),
      row("group", ["Buy"], 12_001, 700, 940),
      row("request", ["Buy", "Add to cart"], 12_020, 12, 88),
      row("group", ["Buy", "Checkout"], 12_001, 688, 720),
      row("request", ["Buy", "Checkout", "Payment"], 12_001, 640, 544),
      row("request", ["Buy", "Checkout", "Confirm"], 11_502, 48, 120),
      row("request", ["Sign out"], 12_007, 300, 33),
    ],
    errors: [
      { message: "status.find.in(200,201,204,304), found 503", count: 1_102, percent: 83.99 },
      { message: "j.n.ConnectException: Connection refused", count: 198, percent: 15.09 },
      { message: "jsonPath($.total).find.exists, found nothing", count: 12, percent: 0.91 },
    ],
    offered_load: [],
    assertions: [
      {
        text: "Global: percentage of failed events is less than 5.0",
        holds: true,
        undecided: false,
        actual: 1.0974,
        note: null,
      },
      {
        text: "Global: 95th percentile of response time is less than 200.0",
        holds: false,
        undecided: false,
        actual: 218,
        note: null,
      },
      {
        text: "Home: max of response time is less than 1000.0",
        holds: true,
        undecided: false,
        actual: 398,
        note: null,
      },
    ],
    notes: [],
    verdict: suspect,
    proofs: [1, 2].map((n) => ({
      agent: `lab-${n}`,
      peer: peer(n),
      state: "complete" as const,
      reason: "",
      records: 62_201 + n,
      written_bytes: 1_802_114 + n,
      fetched_bytes: 1_802_114 + n,
      decoded_bytes: 1_802_114 + n,
      requests: { ok: 59_140 - 40 * (n - 1), ko: 661 - 10 * (n - 1) },
      console: { ok: 59_140 - 40 * (n - 1), ko: 661 - 10 * (n - 1) },
      told: { cells: 603, to_byte: 1_802_114 + n, all: true },
    })),
    ...part,
  };
}

/** Nothing speaks against the figures. */
export const valid: Verdict = { level: "valid", findings: [], more: 0 };

/** One load generator was at its limit for a while. */
export const suspect: Verdict = {
  level: "suspect",
  findings: [
    {
      level: "suspect",
      code: "cpu",
      agent: "lab-2",
      sentence: "CPU 91.4 % from 00:03:10 to 00:04:02, for 52 s (limit 85 % for 10 s)",
      remedy:
        "Spread the load over more agents, or use a larger machine: response times measured by a saturated load generator are its own.",
      from_ms: 190_000,
      to_ms: 242_000,
    },
    {
      level: "valid",
      code: "load-unknown",
      agent: "lab-1",
      sentence: "the load of its machine is not known from 00:07:00 to 00:07:30, for 30 s",
      remedy: "",
      from_ms: 420_000,
      to_ms: 450_000,
    },
  ],
  more: 0,
};

/** A second of load that ramps up, with a dip and some errors. */
export function tick(second: number): Tick {
  const ramp = Math.min(1, second / 60);
  const wave = 1 + 0.12 * Math.sin(second / 7) - (second > 200 && second < 215 ? 0.6 : 0);
  const ok = Math.round(200 * ramp * wave);
  return {
    second,
    ok,
    ko: second > 190 && second < 225 ? Math.round(30 * ramp) : second % 9 === 0 ? 2 : 0,
    users: Math.round(200 * ramp),
  };
}

export function series(seconds: number): Series {
  const times = (second: number) => timesIn(second) ?? undefined;
  return {
    start_ms: T0,
    seconds: Array.from({ length: seconds }, (_, second) => ({ ...tick(second), times: times(second) })),
  };
}

/** Response times of one second: slow for a while, and once none for some seconds. */
function timesIn(second: number): LiveSecond["times"] {
  if (second > 120 && second < 131) return null;
  const base = 60 + 25 * Math.sin(second / 11) + (second > 190 && second < 225 ? 180 : 0);
  const [p50, p75, p95, p99, max] = [0.8, 1.3, 3, 6, 11].map((factor) => Math.round(base * factor));
  return [p50 ?? 0, p75 ?? 0, p95 ?? 0, p99 ?? 0, max ?? 0];
}

/** What is known of a run in progress after so many seconds. */
export function liveFigures(seconds: number): LiveFigures {
  const { columns, rows, errors } = summary(9);
  return {
    columns,
    rows,
    errors,
    seconds: Array.from({ length: seconds }, (_, second) => ({
      ...tick(second),
      sent: tick(second).ok,
      times: timesIn(second),
    })),
  };
}

/** The load of two agents over a run. */
export function runHealth(seconds: number): RunHealth {
  const points = (agent: number) =>
    Array.from({ length: seconds }, (_, second) => ({
      second,
      health: loaded({
        cpu_percent: 40 + 30 * Math.min(1, second / 60) + 8 * Math.sin(second / 9 + agent),
        heap_used_bytes: (0.6 + ((second * 0.07 + agent) % 1.4)) * GIB,
        gc_pause_ms: second % 20 === agent ? 18 : 0,
        rx_bytes_s: 20_000_000 + 12_000_000 * Math.sin(second / 13),
      }),
    }));
  return { agents: [0, 1].map((index) => ({ index, name: `lab-${index + 1}`, points: points(index) })) };
}

/** Names that would run as script or hide themselves if they were not escaped. */
export const HOSTILE = [
  '<img src=x onerror="window.__ran=1">',
  "</script><script>window.__ran=1</script>",
  "line\u2028separator\u2029end",
  "\u202egnp.exe",
  "javascript:window.__ran=1",
  "{{constructor.constructor('window.__ran=1')()}}",
] as const;

/** What a Maven build prints, with an escape sequence that no terminal is to get. */
export const buildLines: readonly string[] = [
  "[bfgg] git fetch https://git.example.com/shop/load-tests.git main",
  "From https://git.example.com/shop/load-tests",
  " * branch            main       -> FETCH_HEAD",
  "[bfgg] mvn -B test-compile dependency:build-classpath",
  "[INFO] Scanning for projects...",
  "[INFO] -----------------------< example:shop-load-tests >-----------------------",
  "[INFO] Compiling 7 source files with javac [debug target 17] to target/test-classes",
  "\\u{1b}[1;33mWARNING\\u{1b}[m] bootstrap class path is not set in conjunction with -source 17",
  "[ERROR] /src/test/java/example/ShopSimulation.java:[41,18] cannot find symbol",
  "[ERROR]   symbol:   method exec(HttpRequestActionBuilder)",
  "[bfgg] failed: The build failed: cannot find symbol.",
];

/** What Gatling prints from a second of a run on, once in five of them. */
export const gatlingLines = (second: number): readonly string[] => [
  `${"=".repeat(80)}`,
  `2026-03-02 09:${String(30 + Math.floor(second / 60)).padStart(2, "0")}:${String(second % 60).padStart(2, "0")} UTC${" ".repeat(38)}${String(second).padStart(5)}s elapsed`,
  "---- Requests ------------------------------------------------------------------",
  `> Global                                                   (OK=${String(second * 54).padEnd(6)} KO=${String(second).padEnd(6)})`,
  `> Browse / Search                                          (OK=${String(second * 31).padEnd(6)} KO=${String(second).padEnd(6)})`,
  "---- Errors --------------------------------------------------------------------",
  "> jsonPath($.state).find.is(fresh), but actually found stale          3 (100.0%)",
  "",
];
