/** Real time has to pass where a fault or a measurement is one of time; nothing else waits so. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms));
  });
}
