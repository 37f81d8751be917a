import { join } from "node:path";
import { binaries, Place, root } from "../../harness/place.mjs";
import { freePort, start } from "../../harness/process.mjs";
import { until } from "../../harness/wait.mjs";
import { Session } from "./webdriver.mjs";

/** Logs and screenshots, kept after the tests. */
export const artifacts = join(root, "target", "test", "window");

/** A place with the app's window; the app's controller is the place's. */
export class Desktop extends Place {
  /** `env`: what the app has beside the place's own environment. */
  static async open(name, env = {}) {
    const desktop = new Desktop(name, artifacts);
    desktop.env = env;
    return desktop.settle();
  }

  environment() {
    return {
      ...super.environment(),
      // WebKit asks for a GPU otherwise.
      WEBKIT_DISABLE_DMABUF_RENDERER: "1",
      NO_AT_BRIDGE: "1",
      ...this.env,
    };
  }

  /** Opens the app's window and gives its WebDriver session. */
  async window(args = []) {
    const port = await freePort();
    const nativePort = await freePort();
    const driver = start(
      join(root, "target", "tools", "bin", "tauri-driver"),
      ["--port", port, "--native-port", nativePort, "--native-driver", "/usr/bin/WebKitWebDriver"].map(
        String,
      ),
      { env: this.environment(), cwd: this.folder, log: join(artifacts, `${this.name}-app.log`) },
    );
    this.closing.push(() => driver.stop());
    const url = `http://127.0.0.1:${port}`;
    await until("tauri-driver", () => fetch(`${url}/status`).then(() => true));
    const session = await Session.open(url, {
      browserName: "wry",
      "tauri:options": { application: join(binaries, "bfgg-desktop"), args },
    });
    this.closing.push(() => session.close());
    return session;
  }
}
