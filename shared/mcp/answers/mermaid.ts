/**
 * A graph as Mermaid text. Keys come from devices: nodes are `n1`, `n2`, …, labels are encoded, and
 * nothing can be clicked.
 */
import { cutText } from "./presentable.ts";

const MAX_LABEL_LENGTH = 120;

export function mermaidNode(id: number, label: string): string {
  return `  n${id}["${encodeLabel(label)}"]`;
}

export function mermaidEdge(from: number, to: number): string {
  return `  n${from} --> n${to}`;
}

export function mermaidChart(lines: readonly string[]): string {
  return ["flowchart LR", ...lines].join("\n");
}

/** Everything but letters of ASCII, digits and what keys are made of becomes a Mermaid entity. */
function encodeLabel(label: string): string {
  return cutText(label, MAX_LABEL_LENGTH).replaceAll(
    /[^A-Za-z0-9 ._:/,-]/gu,
    (character) => `#${character.codePointAt(0)};`,
  );
}
