package bfgg.probe;

/** What the changed classes of Gatling call. */
public final class Hooks {
  private Hooks() {}

  /** The end of the log writer's constructor. */
  public static void opened(Object writer) {
    Log.opened(writer);
  }

  /** The entry of Gatling's start: simulation, feeders and {@code before} are behind it. */
  public static void hold(Object components) {
    try {
      Hold.untilReleased(0, components);
    } catch (Throwable problem) {
      Probe.notHeld("the start could not be held", problem);
    }
  }
}
