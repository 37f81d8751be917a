import type { Page } from "playwright-core";
import type { FakeController } from "../server";

/** A screen in a state, and how it is brought there. */
export interface Screen {
  name: string;
  route: string;
  seed?: (controller: FakeController) => void;
  /** Brings the screen into the state to be looked at. */
  prepare?: (page: Page, controller: FakeController) => Promise<void>;
  /** Part of what is shown once it is ready. */
  ready: string;
  viewport?: { width: number; height: number };
  /** Rules of axe that do not count here. */
  except?: string[];
  /** The browser itself complains of what this screen is about. */
  noisy?: boolean;
}
