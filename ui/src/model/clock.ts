import type { AgentClock } from "@/api/types";
import { text } from "@/text";
import { clock, NONE } from "./format";
import { locale } from "./locale";

const t = text.health.clock;
const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** A span of time as clocks are compared: "0.3 ms", "850 ms", "2.5 s", "5:00". */
export function span(ms: number): string {
  const size = Math.abs(ms);
  if (size < 10) return `${one.format(size)} ms`;
  if (size < 1000) return `${whole.format(size)} ms`;
  if (size < 59_500) return `${one.format(size / 1000)} s`;
  return clock(Math.round(size / 1000));
}

/** How far a clock is ahead or behind, in words. */
export function difference(ms: number): string {
  if (Math.abs(ms) < 0.05) return t.same;
  return ms < 0 ? t.behind(span(ms)) : t.ahead(span(ms));
}

/** How far a comparison may be off: "± 0.3 ms". */
export const uncertainty = ({ uncertainty_ms }: AgentClock): string => t.within(span(uncertainty_ms));

/** How far a clock is ahead or behind, and how far that may be off. */
export const withUncertainty = (of: AgentClock): string =>
  t.uncertain(difference(of.offset_ms), uncertainty(of));

/** How its pace differs, parts per million. */
export function drift(of: AgentClock | null | undefined): string {
  if (!of?.drift) return t.driftNone;
  const { ppm, uncertainty_ppm } = of.drift;
  return t.ppm(`${ppm < 0 ? "−" : "+"}${one.format(Math.abs(ppm))}`, one.format(uncertainty_ppm));
}

/** A moment near the start instant, with its sign. */
export function afterStart(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) return NONE;
  return `${ms < 0 ? "−" : "+"}${span(ms)}`;
}
