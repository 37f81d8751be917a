import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  resolve: { alias: { "@": new URL("../src", import.meta.url).pathname } },
  test: {
    environment: "node",
    include: ["e2e/**/*.test.ts"],
    testTimeout: 60_000,
    // A page on a busy machine takes its time; what is awaited is awaited.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 60_000,
    // A browser for each core of the machines that run this.
    maxWorkers: 2,
  },
});
