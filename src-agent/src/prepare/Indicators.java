import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;

/** Prints charting.indicators as Gatling itself would read them: the project's, then its own. */
public final class Indicators {
  public static void main(String[] arguments) {
    ClassLoader loader = Indicators.class.getClassLoader();
    ConfigParseOptions options = ConfigParseOptions.defaults().setClassLoader(loader);
    Config all =
        ConfigFactory.parseResources("gatling.conf", options)
            .withFallback(ConfigFactory.parseResources("gatling-defaults.conf", options))
            .resolve();
    Config indicators = all.getConfig("gatling.charting.indicators");
    StringBuilder line = new StringBuilder("indicators");
    for (String bound : new String[] {"lowerBound", "higherBound"}) {
      line.append(' ').append(indicators.getInt(bound));
    }
    for (int i = 1; i <= 4; i++) {
      line.append(' ').append(Math.round(indicators.getDouble("percentile" + i) * 1000));
    }
    System.out.println(line);
  }
}
