/** The part of `AbortSignal` that is used; `lib.es2023` has no such type. Aborted: the caller went away. */
export interface CallerSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listen: () => void): void;
  removeEventListener(type: "abort", listen: () => void): void;
}
