/** Asks again until there is an answer, with a deadline. */

const INTERVAL_MS = 50;

/** The first answer that is not undefined; undefined if there is none within `timeoutMs`. */
export async function waitFor<T>(
  timeoutMs: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => {
      setTimeout(resolve, INTERVAL_MS);
    });
  }
  return undefined;
}
