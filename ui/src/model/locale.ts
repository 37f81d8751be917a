/** The first of the browser's languages that Intl takes; under a C locale WebKitGTK names ones it does not. */
export function usableLocale(languages: readonly string[]): string {
  for (const language of languages) {
    try {
      new Intl.NumberFormat(language);
      return language;
    } catch {
      // "C", "POSIX" or "c.UTF-8": try the next.
    }
  }
  return "en-US";
}

export const locale = usableLocale(
  typeof navigator === "undefined"
    ? []
    : [navigator.language, ...(navigator.languages ?? [])].filter(Boolean),
);
