package example;

/** What can be set from outside, as system properties: {@code -Dusers=50 -Dduration=30}. */
final class Parameters {
  /** Virtual users in all. */
  static final int USERS = Integer.getInteger("users", 20);

  /** Seconds over which they arrive. */
  static final int DURATION = Integer.getInteger("duration", 10);

  /** The shop; one of this JVM's own where none is named. */
  static final String BASE_URL =
      System.getProperty("baseUrl") != null ? System.getProperty("baseUrl") : Shop.open();

  /** More failed requests than this, in percent, break an assertion. */
  static final int MAX_FAILED = Integer.getInteger("maxFailed", 25);

  private Parameters() {}
}
