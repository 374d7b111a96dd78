import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toExposition } from "#shared/metrics/exposition.ts";
import { anyCharacter } from "../../support/any-character.ts";

test("the exposition has help, type and a line for each sample", () => {
  const samples = [
    { labels: { instance: "a" }, value: 1 },
    { labels: { instance: "b" }, value: 0 },
  ];

  expect(
    toExposition([
      { name: "up", help: "Whether it is up.", type: "gauge", samples },
      { name: "lost_total", help: "Lost.", type: "counter", samples: [{ value: 2.5 }] },
      { name: "unknown", help: "Not known.", type: "gauge", samples: [] },
    ]),
  ).toBe(`# HELP up Whether it is up.
# TYPE up gauge
up{instance="a"} 1
up{instance="b"} 0
# HELP lost_total Lost.
# TYPE lost_total counter
lost_total 2.5
`);
});

test("no label, whatever it holds, ends its line or its quotes", () => {
  fc.assert(
    fc.property(fc.string({ unit: anyCharacter }), (text) => {
      const samples = [{ labels: { instance: text }, value: 1 }];
      const [, , line = "", ...more] = toExposition([
        { name: "up", help: "", type: "gauge", samples },
      ]).split("\n");

      expect(more).toEqual([""]);
      const [, quoted = ""] = /^up\{instance="((?:[^"\\]|\\["\\n])*)"\} 1$/s.exec(line) ?? [];
      const back = quoted.replaceAll(/\\(.)/g, (_all, one: string) => (one === "n" ? "\n" : one));
      expect(back).toBe(text);
    }),
  );
});
