/** Where spans go, from the variables that OpenTelemetry's own exporters read. Pure. */
import { err, ok, type Result } from "../result.ts";

export const OTLP_VARIABLES = [
  "OTEL_EXPORTER_OTLP_ENDPOINT",
  "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
  "OTEL_EXPORTER_OTLP_HEADERS",
] as const;
export type OtlpVariables = Readonly<Partial<Record<(typeof OTLP_VARIABLES)[number], string>>>;

export interface OtlpSettings {
  readonly url: string;
  /** May hold a secret: never logged. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Undefined if no endpoint is set. The error names the variable, not its value. */
export function readOtlpSettings(
  variables: OtlpVariables,
): Result<OtlpSettings | undefined, string> {
  const base = variables.OTEL_EXPORTER_OTLP_ENDPOINT ?? "";
  const traces = variables.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? "";
  if (base === "" && traces === "") return ok(undefined);
  const url = traces === "" ? `${base.replace(/\/+$/, "")}/v1/traces` : traces;
  if (!ADDRESS.test(url)) {
    return err("OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https address without credentials.");
  }
  const headers = parseHeaders(variables.OTEL_EXPORTER_OTLP_HEADERS ?? "");
  return headers === undefined
    ? err("OTEL_EXPORTER_OTLP_HEADERS must be name=value, with commas between.")
    : ok({ url, headers });
}

const ADDRESS = /^https?:\/\/(?:[A-Za-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?(?:\/[\w\-./~%]*)?$/;

/** W3C baggage's form, which percent-encodes values. */
function parseHeaders(text: string): Record<string, string> | undefined {
  const pairs = text.split(",").filter((pair) => pair.trim() !== "");
  const headers: Record<string, string> = {};
  for (const pair of pairs) {
    const [, name, encoded] = /^\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(.*?)\s*$/.exec(pair) ?? [];
    const value = decoded(encoded ?? "");
    if (name === undefined || value === undefined) return undefined;
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

function decoded(text: string): string | undefined {
  try {
    const value = decodeURIComponent(text);
    return /^[\t\x20-\x7e]*$/.test(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
