/** Which AimDB releases a host may be: none states it, but each changed something on the wire. Pure. */
import type { CatalogView } from "./catalog.ts";

const LAST_OF_AIMX_1 = "1.1.0";

export function releaseRange(
  protocolVersion: string,
  view: CatalogView,
): { readonly release_range?: string } {
  const range = rangeOf(protocolVersion, view);
  return range === undefined ? {} : { release_range: range };
}

function rangeOf(protocolVersion: string, { rows, graph }: CatalogView): string | undefined {
  switch (protocolVersion.split(".")[0]) {
    case "1":
      break;
    case "2":
      return "a development version of summer 2026";
    case "3":
      return "2.x";
    default:
      return undefined;
  }
  if (rows.some(({ stage_profiling }) => stage_profiling !== undefined)) return LAST_OF_AIMX_1;
  if (graph !== undefined) return `0.5.0 – ${LAST_OF_AIMX_1}`;
  if (rows.length === 0) return "0.1.0 – 0.4.0";
  return rows.some(({ record_id }) => record_id !== undefined) ? "0.3.0 – 0.4.0" : "0.1.0 – 0.2.0";
}
