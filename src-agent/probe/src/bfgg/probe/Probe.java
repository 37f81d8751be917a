package bfgg.probe;

import java.lang.instrument.Instrumentation;
import java.nio.file.Path;

/**
 * Our Java agent inside Gatling's JVM: {@code java -javaagent:probe.jar=START_UP_MS,RUN_FOLDER …}.
 *
 * <p>It holds the start where the load would begin, flushes Gatling's log ten times a second, passes
 * on a graceful stop, and keeps Gatling from reading its whole log again at the end. It does so only
 * where each class of Gatling that it touches is one it knows; otherwise Gatling stays untouched, and
 * the JVM alone is held, until the instant less START_UP_MS.
 *
 * <p>All that can go wrong here is caught. Before the load has begun it ends the JVM: a load that
 * begins before its instant would be no part of the run. Afterwards Gatling must not notice.
 */
public final class Probe {
  static final Report report = new Report();
  static RunFolder folder;
  private static long startUpMs;

  /** The JVM's status where the start could not be held. */
  private static final int NOT_HELD = 1;

  private Probe() {}

  /** Called by the JVM before Gatling's main method. */
  public static void premain(String arguments, Instrumentation jvm) {
    try {
      int comma = arguments.indexOf(',');
      folder = new RunFolder(Path.of(arguments.substring(comma + 1)));
      startUpMs = Long.parseLong(arguments.substring(0, comma));
      String unknown = Known.whatDiffers(ClassLoader.getSystemClassLoader());
      if (unknown == null) {
        report.acts = true;
        report.graceful = Stop.isKnown(ClassLoader.getSystemClassLoader());
        jvm.addTransformer(new Patch());
        Runtime.getRuntime().addShutdownHook(new Thread(Log::flushAll, "bfgg-probe-end"));
      } else {
        report.reason = unknown;
        // The next best: up to 3.13 Gatling heeds this. Smaller than 1024 it could not write at all.
        if (System.getProperty("gatling.data.file.bufferSize") == null) {
          System.setProperty("gatling.data.file.bufferSize", "1024");
        }
      }
      Watch.start();
      if (!report.acts) {
        holdHere();
      }
    } catch (Throwable problem) {
      notHeld("the probe could not begin", problem);
    }
  }

  /** Holds the JVM in the place of the load: Gatling's own start is still to come. */
  static void holdHere() {
    report.held = false;
    try {
      Hold.untilReleased(startUpMs, null);
    } catch (Throwable problem) {
      // The JVM would pass over what is thrown where it loads a class.
      notHeld("the start could not be held", problem);
    }
  }

  /** Ends the JVM, unless its load may run. */
  static void notHeld(String what, Throwable cause) {
    try {
      report.held = report.held && report.releasedMs > 0;
      String way = report.releasedMs > 0 ? "" : " (without a probe, --no-probe, this agent may run it)";
      problem(what + way, cause);
    } finally {
      if (report.releasedMs == 0) {
        Runtime.getRuntime().halt(NOT_HELD);
      }
    }
  }

  /** The log is not flushed: live figures lag. */
  static void notFlushed(Throwable cause) {
    report.acts = false;
    problem("the log cannot be flushed", cause);
  }

  /** Notes a problem; Gatling goes on without us. */
  static void problem(String what, Throwable cause) {
    try {
      String problem = what + ": " + cause;
      if (!problem.equals(report.problem)) {
        report.problem = problem;
        System.err.println("[bfgg] " + problem);
        write();
      }
    } catch (Throwable ignored) {
      // Nothing is left to be tried.
    }
  }

  /** Writes what has changed to the run's folder; a disk that is full has room another time. */
  static void write() {
    if (folder != null) {
      // In one: an older report must not come last.
      synchronized (folder) {
        folder.write("probe.json", report.json());
      }
    }
  }
}
