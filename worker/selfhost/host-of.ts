/** An address's host as it is looked up: IPv6 without its brackets. Pure. */
export function hostOf({ hostname }: URL): string {
  return hostname.replaceAll(/[[\]]/g, "");
}
