/** Nobody was asked whether the credential is good. */
export class TooManyTriesError extends Error {
  readonly retryAfterS: number;

  constructor(retryAfterS: number) {
    super(
      `Too many credentials that name the same were refused from this network. Nothing was done. Try again in ${retryAfterS} s.`,
    );
    this.name = "TooManyTriesError";
    this.retryAfterS = retryAfterS;
  }
}
