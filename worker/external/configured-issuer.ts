/** The external issuer of this installation, if there is one. */
import type { Env } from "../env.ts";
import { logEvent } from "../log.ts";
import { ExternalIssuer } from "./external-issuer.ts";
import { readExternalSettings } from "./settings.ts";

/** This isolate's: the issuer's keys are kept with it. */
let current: { text: string; issuer: ExternalIssuer | undefined } | undefined;

export function configuredIssuer({
  EXTERNAL_ISSUER = "",
}: Pick<Env, "EXTERNAL_ISSUER">): ExternalIssuer | undefined {
  if (current?.text !== EXTERNAL_ISSUER) {
    current = { text: EXTERNAL_ISSUER, issuer: createIssuer(EXTERNAL_ISSUER) };
  }
  return current.issuer;
}

/** A setting that can't be read admits nobody, and the log says why. */
function createIssuer(text: string): ExternalIssuer | undefined {
  if (text === "") return undefined;
  const settings = readExternalSettings(text);
  if (settings.ok) {
    return new ExternalIssuer(settings.value, (url, init) => fetch(url, init), Date.now);
  }
  logEvent("error", "external_issuer_refused", { reason: settings.error });
  return undefined;
}
