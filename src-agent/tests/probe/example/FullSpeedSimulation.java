package example;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;
import java.time.Duration;

/** As many requests as this machine can make, for what the probe costs: scripts/bench-probe.mjs. */
public class FullSpeedSimulation extends Simulation {
  {
    Duration length = Duration.ofSeconds(Integer.getInteger("seconds", 10));
    setUp(
            scenario("Visitors")
                .during(length)
                .on(exec(http("home").get("/").check(status().is(200))))
                .injectOpen(atOnceUsers(Integer.getInteger("users", 50))))
        .protocols(http.baseUrl(System.getProperty("baseUrl")).shareConnections());
  }
}
