name := "shop-load-test"
version := "1.0.0"
scalaVersion := "2.13.16"

val gatlingVersion = "3.15.1"

enablePlugins(GatlingPlugin)

libraryDependencies ++= Seq(
  "io.gatling.highcharts" % "gatling-charts-highcharts" % gatlingVersion % Test,
  "io.gatling" % "gatling-test-framework" % gatlingVersion % Test
)
