import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mermaidChart, mermaidEdge, mermaidNode } from "#shared/mcp/answers/mermaid.ts";
import { anyCharacter } from "../../../support/any-character.ts";

describe("Mermaid text", () => {
  test("is a flowchart of numbered nodes", () => {
    const lines = [mermaidNode(1, "a.b"), mermaidNode(2, "c::D"), mermaidEdge(1, 2)];

    expect(mermaidChart(lines)).toBe('flowchart LR\n  n1["a.b"]\n  n2["c::D"]\n  n1 --> n2');
  });

  test.each([
    ['"]; click n1 "https://evil"', "#34;#93;#59; click n1 #34;https://evil#34;"],
    ["<b>&amp;</b>", "#60;b#62;#38;amp#59;#60;/b#62;"],
    ["a\n%%{init}%%", "a#10;#37;#37;#123;init#125;#37;#37;"],
    ["größe 😀", "gr#246;#223;e #128512;"],
    ["#quot;", "#35;quot#59;"],
  ])("encodes %j", (label, encoded) => {
    expect(mermaidNode(1, label)).toBe(`  n1["${encoded}"]`);
  });

  test("never leaves its label, whatever a device calls a record", () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (label) => {
        expect(mermaidNode(7, label)).toMatch(/^ {2}n7\["[A-Za-z0-9 ._:/,#;-]*"\]$/);
      }),
    );
  });

  test("has no label that is longer than a chart can show", () => {
    expect(mermaidNode(1, "x".repeat(1_000)).length).toBeLessThan(150);
  });
});
