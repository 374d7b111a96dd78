/** The body of a request was begun and did not come whole in time. Nothing was done of what it asks. */
export class LateBodyError extends Error {
  constructor() {
    super("The request was not sent whole in time. Nothing was done: send it again.");
    this.name = "LateBodyError";
  }
}

/** Its sender went before it was whole: no failure of ours. */
export function orLate<T>(read: Promise<T>): Promise<T> {
  return read.catch(() => {
    throw new LateBodyError();
  });
}
