/** A list that is longer than a page of it: where to begin, and the links to what is before and after. */
import type { JSX } from "hono/jsx/jsx-runtime";
import { MAX_RECORDS_PER_INSTANCE } from "#shared/link/limits.ts";

/** Anything that is not a number means the first page. */
export function offsetOf(text: string | null | undefined): number {
  const isNumber = typeof text === "string" && /^\d{1,6}$/.test(text);
  return isNumber ? Math.min(Number(text), MAX_RECORDS_PER_INSTANCE) : 0;
}

export function Pages(props: {
  /** For a page with several such lists. */
  of?: string;
  offset: number;
  size: number;
  /** Null: this is the last page. */
  next: number | null;
  to: (offset: number) => string;
}): JSX.Element {
  const { of, offset, size, next, to } = props;
  if (offset === 0 && next === null) return <></>;
  return (
    <nav class="actions" aria-label={of === undefined ? "Pages" : `Pages of ${of}`}>
      {offset > 0 ? (
        <a class="button plain" href={to(Math.max(0, offset - size))}>
          Previous
        </a>
      ) : null}
      {next === null ? null : (
        <a class="button plain" href={to(next)}>
          Next
        </a>
      )}
    </nav>
  );
}
