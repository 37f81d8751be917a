package bfgg.probe;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waiting for the start instant. */
final class Hold {
  /** How often `control` is read. */
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(5);

  /** A thread that sleeps wakes up late; the rest is spent awake. */
  private static final long AWAKE = TimeUnit.MILLISECONDS.toNanos(1);

  private static boolean done;

  private Hold() {}

  /**
   * Returns {@code ahead} ms before the instant, and reports it. {@code components} are Gatling's,
   * or null. Held once: a second call returns at once.
   */
  static synchronized void untilReleased(long ahead, Object components) {
    if (done) {
      return;
    }
    done = true;
    Probe.report.armedMs = System.currentTimeMillis();
    Probe.write();
    long known = -1;
    long due = 0;
    while (true) {
      long instant = Probe.folder.release();
      long now = System.nanoTime();
      // Turned into monotonic time once: the wall clock may jump.
      if (instant >= 0 && instant != known) {
        known = instant;
        long wait = instant - ahead - System.currentTimeMillis();
        due = now + TimeUnit.MILLISECONDS.toNanos(wait);
      }
      long left = known < 0 ? TICK + AWAKE : due - now;
      if (left <= AWAKE) {
        break;
      }
      LockSupport.parkNanos(Math.min(TICK, left - AWAKE));
    }
    while (System.nanoTime() - due < 0) {
      Thread.onSpinWait();
    }
    Probe.report.gatlingMs = Stop.clock(components);
    Probe.report.releasedMs = System.currentTimeMillis();
    Stop.released(components);
    Watch.tell();
  }
}
