package example;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.Simulation;

/** One user, one request: is the shop there? */
public class SmokeSimulation extends Simulation {
  {
    setUp(scenario("Smoke").exec(http("home").get("/").check(status().is(200)))
            .injectOpen(atOnceUsers(1)))
        .protocols(http.baseUrl(Parameters.BASE_URL).disableWarmUp())
        .maxDuration(30)
        .assertions(global().failedRequests().count().is(0L));
  }
}
