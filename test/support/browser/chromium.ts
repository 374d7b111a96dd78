/** Debian's Chromium, with nothing of its own on the network. */
import { chromium, type Browser } from "playwright-core";
import { missingOf, orSkip } from "../needed.ts";

const CHROMIUM = "/usr/bin/chromium";

/** False, loudly, where there is none; under CI that is a failure. */
export function hasChromium(): boolean {
  return orSkip(
    missingOf([CHROMIUM]).length === 0,
    `${CHROMIUM} is missing: apt-get install chromium. Nothing was tried in a browser.`,
  );
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
