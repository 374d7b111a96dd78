/** An address's host in the form for a lookup: IPv6 without its brackets. Pure. */
export function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/[[\]]/g, "");
}
