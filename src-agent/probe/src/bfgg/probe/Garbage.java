package bfgg.probe;

import com.sun.management.GarbageCollectionNotificationInfo;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import javax.management.Notification;
import javax.management.NotificationEmitter;
import javax.management.NotificationListener;
import javax.management.openmbean.CompositeData;

/** Collecting garbage: the time it takes, and each pause. */
final class Garbage implements NotificationListener {
  /** Pauses told one by one: there are seldom more from one report to the next. */
  private static final int TOLD = 32;

  /** How many pauses there were, and how long the last ones were, ms, the newest last. */
  static final class Pauses {
    static final Pauses NONE = new Pauses(0, new long[0]);

    final long count;
    final long[] last;

    private Pauses(long count, long[] last) {
      this.count = count;
      this.last = last;
    }

    private Pauses and(long ms) {
      int from = Math.max(last.length + 1 - TOLD, 0);
      long[] longer = Arrays.copyOfRange(last, from, last.length + 1);
      longer[longer.length - 1] = Math.max(ms, 0);
      return new Pauses(count + 1, longer);
    }
  }

  private Garbage() {}

  /** Listens to the collectors. Where they do not tell, there are no pauses to be seen. */
  static void listen() {
    try {
      Garbage listener = new Garbage();
      for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
        if (stopsTheLoad(collector.getName()) && collector instanceof NotificationEmitter) {
          ((NotificationEmitter) collector).addNotificationListener(listener, null, null);
        }
      }
    } catch (LinkageError | RuntimeException notInThisJava) {
      // A JVM without the module jdk.management.
    }
  }

  /** The time spent so far, ms. */
  static long spent() {
    long spent = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      if (stopsTheLoad(collector.getName())) {
        spent += Math.max(collector.getCollectionTime(), 0);
      }
    }
    return spent;
  }

  /** ZGC and Shenandoah have cycles, in which the load goes on, beside pauses. */
  private static boolean stopsTheLoad(String collector) {
    return !collector.endsWith("Cycles");
  }

  @Override
  public void handleNotification(Notification notification, Object ignored) {
    String type = GarbageCollectionNotificationInfo.GARBAGE_COLLECTION_NOTIFICATION;
    if (!type.equals(notification.getType())) {
      return;
    }
    CompositeData data = (CompositeData) notification.getUserData();
    GarbageCollectionNotificationInfo info = GarbageCollectionNotificationInfo.from(data);
    // The concurrent work of an old collector (CMS).
    if (!"No GC".equals(info.getGcCause())) {
      add(info.getGcInfo().getDuration());
    }
  }

  private static synchronized void add(long ms) {
    Probe.report.pauses = Probe.report.pauses.and(ms);
  }
}
