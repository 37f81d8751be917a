package bfgg.probe;

import java.lang.reflect.Constructor;
import java.util.concurrent.TimeUnit;

/** Gatling's clock, and its own graceful stop: a message to its controller. */
final class Stop {
  private static final String COMMAND =
      "io.gatling.core.controller.Controller$Command$StopLoadGenerator";
  private static final String REASON = COMMAND + "$Reason";
  private static final String FORCED = REASON + "$Graceful$Forced";
  private static final String MESSAGE = "stopped by BFG-G";

  /** The controller must have got its start before it can be stopped. */
  private static final long BEGIN = TimeUnit.MILLISECONDS.toNanos(300);

  private static volatile Object components;
  private static volatile long released;

  private Stop() {}

  /** Whether Gatling's command looks as expected; nothing of it is initialised yet. */
  static boolean isKnown(ClassLoader gatling) {
    try {
      constructor(gatling);
      return true;
    } catch (Throwable unknown) {
      return false;
    }
  }

  /** Up to 3.15 a message and whether it is a crash, later a reason. */
  private static Constructor<?> constructor(ClassLoader gatling) throws ReflectiveOperationException {
    Class<?> command = Class.forName(COMMAND, false, gatling);
    try {
      return command.getConstructor(String.class, boolean.class);
    } catch (NoSuchMethodException later) {
      Class.forName(FORCED, false, gatling).getConstructor(String.class);
      return command.getConstructor(Class.forName(REASON, false, gatling));
    }
  }

  /** What Gatling's clock says: the JVM's wall time at its start and the time since. 0 if unknown. */
  static long clock(Object components) {
    try {
      if (components == null) {
        return 0;
      }
      Object clock = call(components, components.getClass(), "clock");
      // By its interface: the class itself need not be public.
      Class<?> type = components.getClass().getMethod("clock").getReturnType();
      return (Long) call(clock, type, "nowMillis");
    } catch (Throwable problem) {
      Probe.problem("Gatling's clock could not be read", problem);
      return 0;
    }
  }

  /** The load begins. */
  static void released(Object components) {
    released = System.nanoTime();
    Stop.components = components;
  }

  /**
   * Tells Gatling to stop; false if it is too early. Where it cannot be told the report says so, and
   * the supervisor ends it.
   */
  static boolean pass() {
    Object components = Stop.components;
    if (components == null || System.nanoTime() - released < BEGIN) {
      return false;
    }
    try {
      ClassLoader gatling = components.getClass().getClassLoader();
      Constructor<?> make = constructor(gatling);
      Object command =
          make.getParameterCount() == 2
              ? make.newInstance(MESSAGE, false)
              : make.newInstance(
                  Class.forName(FORCED, true, gatling)
                      .getConstructor(String.class)
                      .newInstance(MESSAGE));
      Object controller = call(components, components.getClass(), "controller");
      Class<?> actor = Class.forName("io.gatling.core.actor.ActorRef", true, gatling);
      actor.getMethod("$bang", Object.class).invoke(controller, command);
      Probe.report.stoppedMs = System.currentTimeMillis();
      Probe.write();
    } catch (Throwable problem) {
      Probe.report.graceful = false;
      Probe.problem("the stop could not be passed on", problem);
      Probe.write();
    }
    return true;
  }

  private static Object call(Object of, Class<?> type, String method)
      throws ReflectiveOperationException {
    return type.getMethod(method).invoke(of);
  }
}
