/** A page of a list, within what one answer carries. */
import { MAX_RESULT_BYTES } from "#shared/link/limits.ts";
import { printedBytes } from "../../printed-bytes.ts";

const DEFAULT_PAGE = 100;

/** What is beside the list takes a little. */
const MAX_PAGE_BYTES = MAX_RESULT_BYTES - 8 * 1024;

export interface PageParams {
  readonly offset?: number | undefined;
  readonly limit?: number | undefined;
}

export interface Page<T> {
  readonly items: T[];
  readonly total: number;
  readonly nextOffset: number | null;
}

/**
 * Shorter than asked for if items are long; at least one item, so that paging goes on. `bytesOf` gives an upper bound.
 */
export function fittingPage<S, T>(
  all: readonly S[],
  { offset = 0, limit = DEFAULT_PAGE }: PageParams,
  describe: (item: S) => T,
  bytesOf: (item: S, described: T) => number = (_, described) => printedBytes(described),
): Page<T> {
  const items: T[] = [];
  let bytes = 0;
  for (const item of all.slice(offset, offset + limit)) {
    const described = describe(item);
    bytes += bytesOf(item, described) + 1;
    if (items.length > 0 && bytes > MAX_PAGE_BYTES) break;
    items.push(described);
  }
  const end = offset + items.length;
  return { items, total: all.length, nextOffset: end < all.length ? end : null };
}
