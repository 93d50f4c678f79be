// The browser of the tests and the screenshots: a Chromium of this machine.
import { chromium } from "playwright-core";

/** Starts Chromium; CHROMIUM names another than /usr/bin/chromium. */
export function launch() {
  return chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
