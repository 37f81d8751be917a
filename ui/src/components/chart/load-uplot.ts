import type UPlot from "uplot";
import { usableLocale } from "@/model/locale";

/**
 * uPlot calls `Intl.NumberFormat(navigator.language)` while it is loaded and so throws where that is no language tag
 * ("C" in WebKitGTK under a C locale). The page then says a language Intl knows, before uPlot asks.
 */
export function guardNavigatorLanguage(target: Navigator): void {
  try {
    new Intl.NumberFormat(target.language);
  } catch {
    const language = usableLocale(target.languages ?? []);
    Object.defineProperty(target, "language", { configurable: true, get: () => language });
  }
}

/** uPlot, in a chunk of its own: only screens with a chart fetch it. */
export async function loadUplot(): Promise<typeof UPlot> {
  guardNavigatorLanguage(navigator);
  await import("uplot/dist/uPlot.min.css");
  return (await import("uplot")).default;
}
