import { createServer } from "node:http";

/** What the sample project's requests get; the reviews of product 3 are stale, and its checkout fails. */
function answer(method, path, body) {
  const [, product] = /^\/api\/products\/(\d+)/.exec(path) ?? [];
  if (path.endsWith("/reviews")) return [200, { state: product === "3" ? "stale" : "fresh" }];
  if (product) return [200, { name: `Product ${product}` }];
  if (path === "/api/cart" && method === "POST") return [201, {}];
  if (path === "/api/checkout") return [body.includes('"product":3}') ? 500 : 200, {}];
  return [200, {}];
}

/** Serves the shop, on a free port of the loopback unless told otherwise. */
export async function openShop(host = "127.0.0.1", port = 0) {
  const server = createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const [status, json] = answer(request.method, request.url, Buffer.concat(parts).toString());
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(json));
    });
  });
  await new Promise((resolve) => server.listen(port, host, resolve));
  return server;
}
