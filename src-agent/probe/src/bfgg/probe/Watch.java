package bfgg.probe;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** The probe's own thread: flushes the log, reports, passes a stop on. */
final class Watch implements Runnable {
  /** How often `control` is read while the load runs. */
  private static final long TICK = TimeUnit.MILLISECONDS.toNanos(50);

  /** Ticks from one flush to the next. */
  private static final int FLUSH = 2;

  /** Ticks from one report to the next. */
  private static final int REPORT = 20;

  /** After a failure. */
  private static final long PAUSE = TimeUnit.SECONDS.toNanos(1);

  private static volatile boolean news;
  private static volatile Thread thread;

  static void start() {
    // Never interrupted: that would close the log's channel.
    thread = new Thread(new Watch(), "bfgg-probe");
    thread.setDaemon(true);
    thread.start();
  }

  /** There is something to report now. */
  static void tell() {
    news = true;
    LockSupport.unpark(thread);
  }

  @Override
  public void run() {
    boolean passed = false;
    Garbage.listen();
    for (int tick = 0; ; tick++) {
      try {
        if (tick % FLUSH == 0) {
          Log.flushAll();
        }
        if (Probe.report.graceful && !passed && Probe.report.releasedMs > 0 && Probe.folder.stop()) {
          passed = Stop.pass();
        }
        if (news || tick % REPORT == 0) {
          news = false;
          measure(Probe.report);
          Probe.write();
        }
        LockSupport.parkNanos(TICK);
      } catch (Throwable problem) {
        // Out of memory, say: Gatling may get over it, and so may we.
        Probe.problem("the probe's own work failed", problem);
        LockSupport.parkNanos(PAUSE);
      }
    }
  }

  private static void measure(Report report) {
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    report.heapUsedBytes = heap.getUsed();
    report.heapMaxBytes = heap.getMax();
    report.gcMs = Garbage.spent();
  }
}
