/** What the Worker may connect to, in workerd's terms. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/**
 * `none`, `public`, or host names, which are looked up once at the start, since workerd's rule is about addresses.
 */
export async function resolveEgress(
  setting: string,
  /** Hosts that another setting needs, in addition. */
  needed: readonly string[],
): Promise<string[]> {
  const named = setting.split(",").filter((host) => !["", "none", "public"].includes(host));
  const addresses = await Promise.all([...named, ...needed].map(resolveHost));
  return [...(setting === "public" ? ["public"] : []), ...addresses.flat()];
}

async function resolveHost(host: string): Promise<string[]> {
  const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }];
  return found.map(({ address }) => `${address}/${isIP(address) === 6 ? 128 : 32}`);
}
