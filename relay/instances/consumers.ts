/** How many taps, transforms and outbound links read each record. */
import type { GraphEdge } from "#shared/aimx/graph.ts";

export function countConsumers(edges: readonly GraphEdge[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { from } of edges) {
    if (from !== null) counts.set(from, (counts.get(from) ?? 0) + 1);
  }
  return counts;
}
