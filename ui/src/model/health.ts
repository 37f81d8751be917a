import type { Health } from "@/api/types";
import { text } from "@/text";
import { BUSY_CPU_PERCENT, LOW_DISK_BYTES } from "./agent";
import { bytes, integer, NONE } from "./format";
import { locale } from "./locale";

const t = text.health;
const one = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 });

export type GaugeId = keyof typeof t.gauges;

/** One figure of a machine's load, ready to be shown. */
export interface Gauge {
  id: GaugeId;
  value: string;
  /** What is worth knowing beside it. */
  detail: string;
  /** How much of what there is, 0 to 1; null where there is no such limit. */
  share: number | null;
  /** Enough to spoil what is measured. */
  high: boolean;
}

/** Above these a load generator may measure itself. They mark a figure; the verdict has its own. */
const HIGH = { steal: 5, memory: 0.9, heap: 0.95, gc: 50, pause: 500, network: 0.9, files: 0.8, ports: 0.8 };
/** Of all segments sent, once there are enough of them. */
const MANY_RETRANSMITS = 0.01;
const FEW_SEGMENTS = 100;

const BIT_UNITS = ["bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s"];

/** A rate in bits per second. */
export function bits(perSecond: number): string {
  let [amount, unit] = [perSecond, 0];
  while (amount >= 1000 && unit < BIT_UNITS.length - 1) {
    amount /= 1000;
    unit += 1;
  }
  return `${amount >= 100 ? integer(amount) : one.format(amount)} ${BIT_UNITS[unit]}`;
}

const ratio = (used: number, all: number): number | null => (all > 0 ? Math.min(1, used / all) : null);

/** How much of the link the busier direction takes. */
export const linkShare = (health: Health): number | null =>
  ratio(Math.max(health.rx_bytes_s, health.tx_bytes_s) * 8, health.link_bits_s);

/** Busy processors: of the machine, or of those that Gatling's container or service may use, if that is more. */
export const busyPercent = (health: Health): number => Math.max(health.cpu_percent, health.quota_percent);

/** All figures of a machine's load. Those that nobody has told have no value. */
export function gauges(health: Health, cores: number): Gauge[] {
  const [cpu, memory, heap] = [
    busyPercent(health),
    ratio(health.memory_used_bytes, health.memory_total_bytes),
    ratio(health.heap_used_bytes, health.heap_max_bytes),
  ];
  const [network, files, ports] = [
    linkShare(health),
    ratio(health.open_files, health.open_files_limit),
    ratio(health.ports_used, health.ports_range),
  ];
  const again = ratio(health.retransmits_s, health.segments_s) ?? 0;
  const throttled = health.throttled_percent;
  const percent = (value: number) => `${integer(value)} %`;
  const list = (...parts: (string | false)[]) => parts.filter(Boolean).join(" · ");
  return [
    gauge(
      "cpu",
      percent(cpu),
      list(cores > 0 && t.cores(cores), throttled > 0 && t.throttled(percent(throttled))),
      cpu / 100,
      cpu >= BUSY_CPU_PERCENT,
    ),
    gauge("jvm", percent(health.jvm_percent), "", health.jvm_percent / 100, false),
    gauge("steal", percent(health.steal_percent), "", null, health.steal_percent >= HIGH.steal),
    gauge("load", one.format(health.load_1m), "", null, cores > 0 && health.load_1m > 2 * cores),
    gauge(
      "memory",
      health.memory_total_bytes > 0 ? bytes(health.memory_used_bytes) : NONE,
      list(
        health.memory_total_bytes > 0 && t.of("", bytes(health.memory_total_bytes)).trim(),
        health.swap_used_bytes > 0 && t.swap(bytes(health.swap_used_bytes)),
      ),
      memory,
      (memory ?? 0) >= HIGH.memory,
    ),
    gauge(
      "heap",
      health.heap_used_bytes > 0 ? bytes(health.heap_used_bytes) : NONE,
      list(health.heap_max_bytes > 0 && t.of("", bytes(health.heap_max_bytes)).trim()),
      heap,
      (heap ?? 0) >= HIGH.heap,
    ),
    gauge(
      "gc",
      health.heap_used_bytes > 0 ? t.perSecond(integer(health.gc_ms)) : NONE,
      list(health.gc_pause_ms > 0 && t.pause(integer(health.gc_pause_ms))),
      null,
      health.gc_ms >= HIGH.gc || health.gc_pause_ms > HIGH.pause,
    ),
    gauge(
      "network",
      list(t.down(bits(health.rx_bytes_s * 8)), t.up(bits(health.tx_bytes_s * 8))),
      list(health.link_bits_s > 0 && t.link(bits(health.link_bits_s))),
      network,
      (network ?? 0) >= HIGH.network,
    ),
    gauge(
      "files",
      health.open_files > 0 ? integer(health.open_files) : NONE,
      list(health.open_files_limit > 0 && t.of("", integer(health.open_files_limit)).trim()),
      files,
      (files ?? 0) >= HIGH.files,
    ),
    gauge(
      "ports",
      health.ports_range > 0 ? integer(health.ports_used) : NONE,
      list(health.ports_range > 0 && t.of("", integer(health.ports_range)).trim()),
      ports,
      (ports ?? 0) >= HIGH.ports,
    ),
    gauge(
      "sockets",
      integer(health.sockets_established),
      list(
        health.sockets_time_wait > 0 && t.waiting(integer(health.sockets_time_wait)),
        health.sockets_close_wait > 0 && t.closing(integer(health.sockets_close_wait)),
      ),
      null,
      false,
    ),
    gauge(
      "retransmits",
      `${integer(health.retransmits_s)}/s`,
      list(health.retransmits_s > 0 && t.share(`${one.format(again * 100)} %`)),
      null,
      health.segments_s >= FEW_SEGMENTS && again >= MANY_RETRANSMITS,
    ),
    gauge("disk", bytes(health.disk_free_bytes), "", null, health.disk_free_bytes < LOW_DISK_BYTES),
  ];
}

function gauge(id: GaugeId, value: string, detail: string, share: number | null, high: boolean): Gauge {
  return { id, value, detail, share, high };
}

/** Those that are high, in words, for a row of many agents. */
export const highOnes = (of: readonly Gauge[]): Gauge[] => of.filter((gauge) => gauge.high);
