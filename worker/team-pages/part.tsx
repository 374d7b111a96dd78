/** A hundred rows of a list at a time: a browser takes half a minute over a thousand with their forms. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { OpenedPage } from "../dashboard/open-page.ts";
import { offsetOf, Pages } from "../dashboard/paging.tsx";
import { teamUrl } from "../dashboard/team-url.ts";

const MAX_ROWS = 100;

/** The lists of `/team`, as its address names them. */
const LISTS = ["people", "relays", "tokens"] as const;
type List = (typeof LISTS)[number];
export type Offsets = Readonly<Partial<Record<List, number>>>;

export function offsetsIn(params: URLSearchParams): Offsets {
  return Object.fromEntries(LISTS.map((list) => [list, offsetOf(params.get(list))]));
}

interface Asked {
  readonly opened: OpenedPage;
  readonly offsets: Offsets;
}

export function partOf<T>(
  all: readonly T[],
  list: List,
  { opened, offsets }: Asked,
): { readonly part: readonly T[]; readonly pages: JSX.Element } {
  const asked = offsets[list] ?? 0;
  const offset = asked < all.length ? asked : 0;
  const end = offset + MAX_ROWS;
  const pages = (
    <Pages
      of={list}
      offset={offset}
      size={MAX_ROWS}
      next={end < all.length ? end : null}
      to={(at) => teamUrl(opened.place, "/team", { [list]: String(at) })}
    />
  );
  return { part: all.slice(offset, end), pages };
}
