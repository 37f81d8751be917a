package example;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** Users at a steady rate, each with one request, for as long as it is told. */
public class ProbeSimulation extends Simulation {
  {
    setUp(
            scenario("Visitors")
                .exec(http("home").get("/").check(status().is(200)))
                .injectOpen(
                    constantUsersPerSec(Integer.getInteger("rate", 20))
                        .during(Duration.ofSeconds(Integer.getInteger("seconds", 2)))))
        .protocols(http.baseUrl(System.getProperty("baseUrl")))
        // Broken on purpose: Gatling itself would end with 2.
        .assertions(global().requestsPerSec().gt(1000.0));
  }

  @Override
  public void before() {
    if (Boolean.getBoolean("broken")) {
      throw new IllegalStateException("the shop cannot be set up");
    }
    System.out.println("before the load");
  }

  @Override
  public void after() {
    System.out.println("after the load");
  }
}
