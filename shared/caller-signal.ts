/** What is used of an `AbortSignal`, which `lib.es2023` leaves out: aborted, the caller went away. */
export interface CallerSignal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listen: () => void): void;
  removeEventListener(type: "abort", listen: () => void): void;
}
