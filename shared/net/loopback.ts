/** This machine, as a URL names it. */

export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "127.0.0.1" || hostname === "[::1]";
}

/** Plain HTTP that nobody can read on its way. */
export function isPlainLoopback({
  protocol,
  hostname,
}: {
  readonly protocol: string;
  readonly hostname: string;
}): boolean {
  return protocol === "http:" && isLoopback(hostname);
}
