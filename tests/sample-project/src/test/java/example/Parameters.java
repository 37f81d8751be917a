package example;

/** What can be set from outside, as system properties: {@code -Dusers=50 -Dduration=30}. */
final class Parameters {
  /** Virtual users in all. */
  static final int USERS = Integer.getInteger("users", 20);

  /** Seconds over which they arrive. */
  static final int DURATION = Integer.getInteger("duration", 10);

  /** The shop. */
  static final String BASE_URL = System.getProperty("baseUrl", "http://127.0.0.1:8080");

  /** More failed requests than this, in percent, break an assertion. */
  static final int MAX_FAILED = Integer.getInteger("maxFailed", 25);

  private Parameters() {}
}
