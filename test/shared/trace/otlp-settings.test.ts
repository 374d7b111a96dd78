import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readOtlpSettings } from "#shared/trace/otlp-settings.ts";

const endpoint = (text: string) => readOtlpSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: text });

describe("readOtlpSettings()", () => {
  test("gives nothing where nothing is set", () => {
    expect(readOtlpSettings({})).toEqual({ ok: true, value: undefined });
    expect(endpoint("")).toEqual({ ok: true, value: undefined });
  });

  test.each([
    ["http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"],
    ["https://otlp.example.com/", "https://otlp.example.com/v1/traces"],
    ["https://otlp.example.com/team", "https://otlp.example.com/team/v1/traces"],
    ["http://[::1]:4318", "http://[::1]:4318/v1/traces"],
  ])("takes %s as a base", (base, url) => {
    expect(endpoint(base)).toMatchObject({ ok: true, value: { url } });
  });

  test("takes the address for traces as it is", () => {
    const url = "https://otlp.example.com/in";
    expect(readOtlpSettings({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: url })).toMatchObject({
      value: { url },
    });
  });

  test("decodes headers", () => {
    expect(
      readOtlpSettings({
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:4318",
        OTEL_EXPORTER_OTLP_HEADERS: "Authorization=Bearer%20abc%3D, x-team = plant",
      }),
    ).toMatchObject({ value: { headers: { authorization: "Bearer abc=", "x-team": "plant" } } });
  });

  test.each([
    "ftp://otlp.example.com",
    "https://user:secret@otlp.example.com",
    "otlp.example.com",
    "https://otlp.example.com/?key=secret",
  ])("refuses %s and does not repeat it", (text) => {
    const settings = endpoint(text);

    expect(settings.ok).toBe(false);
    expect(JSON.stringify(settings)).not.toContain("secret");
  });

  test("never throws, and gives only headers that can be sent", () => {
    const sendable = fc.property(fc.string(), fc.string(), (path, headers) => {
      const settings = readOtlpSettings({
        OTEL_EXPORTER_OTLP_ENDPOINT: `https://h/${path}`,
        OTEL_EXPORTER_OTLP_HEADERS: headers,
      });
      return !settings.ok || new Headers(settings.value?.headers) instanceof Headers;
    });

    expect(() => fc.assert(sendable)).not.toThrow();
  });
});
