/** The platform's timer as a function to pass in. The returned function cancels. */
export function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Undefined if it takes longer; its result, or failure, is then ignored. */
export async function within<T>(
  ms: number,
  asked: Promise<T>,
  timer = after,
): Promise<T | undefined> {
  let cancel = () => {};
  const late = new Promise<undefined>((resolve) => {
    cancel = timer(ms, () => resolve(undefined));
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    cancel();
  }
}
