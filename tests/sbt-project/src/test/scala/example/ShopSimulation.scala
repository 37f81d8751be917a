package example

import scala.concurrent.duration._

import io.gatling.core.Predef._
import io.gatling.http.Predef._

/** Visitors of a small shop. Two products of the feeder fail on purpose. */
class ShopSimulation extends Simulation {
  private val users = Integer.getInteger("users", 20).toInt
  private val ramp = Integer.getInteger("duration", 10).toInt.seconds
  private val baseUrl = System.getProperty("baseUrl", "http://127.0.0.1:8080")

  private val browse = group("Browse") {
    exec(http("home").get("/").check(status.is(200)))
      .pause(100.millis)
      .group("Details") {
        exec(http("product").get("/api/products/#{product}").check(jsonPath("$.name").exists))
          .exec(http("reviews").get("/api/products/#{product}/reviews").check(jsonPath("$.state").is("fresh")))
      }
  }

  private val buy = exec(
    http("checkout")
      .post("/api/checkout")
      .body(StringBody("""{"product":#{product}}"""))
      .asJson
      .check(status.is(200))
  )

  setUp(
    scenario("Customers")
      .feed(csv("products.csv").circular)
      .exec(browse, buy)
      .inject(rampUsers(users).during(ramp))
  ).protocols(http.baseUrl(baseUrl).disableWarmUp)
    .maxDuration(ramp + 30.seconds)
    .assertions(
      global.failedRequests.percent.lt(50),
      details("Browse" / "Details" / "product").responseTime.max.lt(5000)
    )
}
