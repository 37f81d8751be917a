import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// The controller that `npm run dev` talks to; it must be running (`bfgg serve`).
const controller = process.env.BFGG_CONTROLLER ?? "http://127.0.0.1:7411";

export default defineConfig({
  // Relative, because the same files are served at `/` by the controller and from `tauri://` by the window.
  base: "./",
  plugins: [react()],
  resolve: { alias: { "@": new URL("./src", import.meta.url).pathname } },
  build: {
    target: "es2022",
    // Content-Security-Policy: nothing inline but styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: {
    proxy: {
      "/api": {
        target: controller,
        changeOrigin: true,
        // The controller refuses foreign origins; to it this is its own page.
        configure: (proxy) => proxy.on("proxyReq", (request) => request.removeHeader("origin")),
      },
    },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.{ts,tsx}"],
    // What is awaited comes; on a busy machine with two cores, later than in the five seconds by default.
    testTimeout: 60_000,
    setupFiles: ["src/testing/setup.ts"],
    css: { modules: { classNameStrategy: "non-scoped" } },
  },
});
