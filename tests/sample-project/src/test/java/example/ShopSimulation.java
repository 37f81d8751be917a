package example;

import static io.gatling.javaapi.core.CoreDsl.*;
import static io.gatling.javaapi.http.HttpDsl.*;

import io.gatling.javaapi.core.ChainBuilder;
import io.gatling.javaapi.core.FeederBuilder;
import io.gatling.javaapi.core.ScenarioBuilder;
import io.gatling.javaapi.core.Simulation;
import io.gatling.javaapi.http.HttpProtocolBuilder;
import java.time.Duration;

/**
 * Customers look at products and some of them buy. Two products of the feeder fail on purpose: the
 * reviews of one lack what the check wants, the checkout of the other answers 500.
 */
public class ShopSimulation extends Simulation {
  private final HttpProtocolBuilder shop =
      http.baseUrl(Parameters.BASE_URL)
          .acceptHeader("application/json")
          .userAgentHeader("shop-load-test")
          .disableWarmUp();

  private final ChainBuilder browse =
      group("Browse").on(
          exec(http("home").get("/").check(status().is(200))),
          pause(Duration.ofMillis(200), Duration.ofMillis(600)),
          exec(http("search").get("/api/search").queryParam("q", "#{query}").check(status().is(200))),
          group("Details").on(
              exec(http("product").get("/api/products/#{product}")
                  .check(status().is(200), jsonPath("$.name").exists())),
              pause(Duration.ofMillis(100), Duration.ofMillis(900)),
              exec(http("reviews").get("/api/products/#{product}/reviews")
                  .check(jsonPath("$.state").is("fresh")))));

  private final ChainBuilder buy =
      group("Buy").on(
          exec(http("cart").post("/api/cart")
              .body(StringBody("{\"product\":#{product}}")).asJson()
              .check(status().is(201))),
          exec(http("checkout").post("/api/checkout")
              .body(StringBody("{\"product\":#{product}}")).asJson()
              .check(status().is(200))));

  private final ScenarioBuilder visitors =
      scenario("Visitors").exec(feed(products()), browse);

  private final ScenarioBuilder customers =
      scenario("Customers").exec(feed(products()), browse, buy, exec(http("logout").get("/api/logout")));

  /** Each scenario goes through the products by itself, so that the failures can be counted on. */
  private static FeederBuilder<String> products() {
    return csv("products.csv").circular();
  }

  {
    int buyers = (Parameters.USERS + 1) / 2;
    Duration ramp = Duration.ofSeconds(Parameters.DURATION);
    setUp(
            visitors.injectOpen(rampUsers(Parameters.USERS - buyers).during(ramp)),
            customers.injectOpen(rampUsers(buyers).during(ramp)))
        .protocols(shop)
        .maxDuration(ramp.plusSeconds(30))
        .assertions(
            global().failedRequests().percent().lt((double) Parameters.MAX_FAILED),
            global().responseTime().percentile3().lt(2000),
            details("Browse", "search").responseTime().max().lt(5000),
            details("Browse", "Details", "product").successfulRequests().percent().is(100.0),
            details("Buy", "checkout").failedRequests().percent().between(0.0, 50.0));
  }
}
