/** Debian's Chromium, with nothing of its own on the network. */
import { accessSync, constants } from "node:fs";
import { chromium, type Browser } from "playwright-core";

const CHROMIUM = "/usr/bin/chromium";

/** False, loudly, where there is none; under CI that is a failure. */
export function hasChromium(): boolean {
  try {
    accessSync(CHROMIUM, constants.X_OK);
    return true;
  } catch {
    const text = `${CHROMIUM} is missing: apt-get install chromium. Nothing was tried in a browser.`;
    if (process.env["CI"] !== undefined) throw new Error(text);
    process.stderr.write(`\n${text}\n`);
    return false;
  }
}

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
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
