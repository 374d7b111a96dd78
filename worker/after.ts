/** The platform's timer as parts take it: an argument. The returned function cancels. */
export function after(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/** Undefined where it takes longer; what it comes to then is nobody's. */
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
