package example;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A shop inside Gatling's own JVM, where no {@code baseUrl} is given: to try things without a
 * server. Its figures say nothing about any other one.
 */
final class Shop {
  private static final String STALE = "9";
  private static final String MISSING = "10";

  private Shop() {}

  /** Opens it at a free port of the loopback; the answer is its address. */
  static String open() {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
      server.createContext("/", Shop::answer);
      // It must not keep the JVM alive.
      server.setExecutor(
          Executors.newCachedThreadPool(
              work -> {
                Thread thread = new Thread(work, "shop");
                thread.setDaemon(true);
                return thread;
              }));
      server.start();
      return "http://127.0.0.1:" + server.getAddress().getPort();
    } catch (IOException cause) {
      throw new UncheckedIOException("The sample's shop cannot be opened", cause);
    }
  }

  private static void answer(HttpExchange exchange) throws IOException {
    String order =
        new String(exchange.getRequestBody().readNBytes(16 * 1024), StandardCharsets.UTF_8);
    String path = exchange.getRequestURI().getPath();
    if (path.endsWith("/reviews")) {
      boolean stale = path.contains("/" + STALE + "/");
      send(exchange, 200, stale ? "{\"state\":\"stale\"}" : "{\"state\":\"fresh\"}", 5, 60);
    } else if (path.startsWith("/api/products/")) {
      send(exchange, 200, "{\"name\":\"A product\"}", 1, 15);
    } else if (path.equals("/api/search")) {
      send(exchange, 200, "{}", 40, 260);
    } else if (path.equals("/api/cart")) {
      send(exchange, 201, "{}", 5, 40);
    } else if (path.equals("/api/checkout")) {
      boolean missing = order.contains(":" + MISSING + "}");
      send(exchange, missing ? 500 : 200, "{}", 200, 700);
    } else {
      send(exchange, 200, "{}", 2, 20);
    }
  }

  private static void send(HttpExchange exchange, int status, String body, int from, int to)
      throws IOException {
    try {
      Thread.sleep(ThreadLocalRandom.current().nextInt(from, to));
    } catch (InterruptedException ending) {
      Thread.currentThread().interrupt();
    }
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }
}
