import { expect, test } from "vitest";
import { otlpVariables } from "../../../../worker/selfhost/settings/otlp.ts";

test("what is set is the Worker's, and its collector may be reached", () => {
  const environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "http://[::1]:4318",
    OTEL_EXPORTER_OTLP_HEADERS: "x-team=plant",
    OTHER: "x",
  };

  expect(otlpVariables(environment)).toEqual({
    variables: ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS"],
    hosts: ["::1"],
  });
});

test("without an endpoint nothing is", () => {
  const empty = { variables: [], hosts: [] };

  expect(otlpVariables({})).toEqual(empty);
  expect(otlpVariables({ OTEL_EXPORTER_OTLP_HEADERS: "x-team=plant" })).toEqual(empty);
});

test("what can't be an address stops the start, and is not repeated", () => {
  const wrong = { OTEL_EXPORTER_OTLP_ENDPOINT: "https://user:secret@h" };

  expect(() => otlpVariables(wrong)).toThrow(/^OTEL_EXPORTER_OTLP_ENDPOINT must be/);
});
