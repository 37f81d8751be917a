package bfgg.probe;

import java.util.Arrays;

/** What the probe tells: probe.json. Times are ms since 1970. */
final class Report {
  /** Gatling is known, and its log is flushed. */
  volatile boolean acts;

  /** Why it does not. */
  volatile String reason = "";

  /** The start is held where the load begins; else ahead of Gatling's own start-up. */
  volatile boolean held = true;

  /** A stop can be passed on. */
  volatile boolean graceful;

  /** When the start was held; 0 before. */
  volatile long armedMs;

  /** When it was released, by the system's clock; 0 before. */
  volatile long releasedMs;

  /** The same moment by Gatling's clock, which makes the times of its log; 0 if not known. */
  volatile long gatlingMs;

  /** When a stop was passed on; 0 before. */
  volatile long stoppedMs;

  /** The heap in use and at most, bytes, and the time spent collecting garbage so far, ms. */
  volatile long heapUsedBytes;

  volatile long heapMaxBytes;
  volatile long gcMs;

  /** How often the load stood still for it, and for how long the last times, ms. */
  volatile Garbage.Pauses pauses = Garbage.Pauses.NONE;

  /** What went wrong in the probe itself. */
  volatile String problem = "";

  String json() {
    StringBuilder json = new StringBuilder(512).append('{');
    json.append("\"acts\":").append(acts);
    text(json, "reason", reason);
    json.append(",\"held\":").append(held);
    json.append(",\"graceful\":").append(graceful);
    number(json, "armed_ms", armedMs);
    number(json, "released_ms", releasedMs);
    number(json, "gatling_ms", gatlingMs);
    number(json, "stopped_ms", stoppedMs);
    number(json, "heap_used_bytes", heapUsedBytes);
    number(json, "heap_max_bytes", heapMaxBytes);
    number(json, "gc_ms", gcMs);
    number(json, "gc_pauses", pauses.count);
    json.append(",\"gc_last_ms\":").append(Arrays.toString(pauses.last));
    text(json, "problem", problem);
    return json.append("}\n").toString();
  }

  private static void number(StringBuilder json, String name, long value) {
    json.append(",\"").append(name).append("\":").append(Math.max(value, 0));
  }

  private static void text(StringBuilder json, String name, String value) {
    json.append(",\"").append(name).append("\":\"");
    int end = Math.min(value.length(), 500);
    for (int i = 0; i < end; i++) {
      char c = value.charAt(i);
      if (c >= ' ' && c < 127 && c != '"' && c != '\\') {
        json.append(c);
      } else {
        json.append(String.format("\\u%04x", (int) c));
      }
    }
    json.append('"');
  }
}
