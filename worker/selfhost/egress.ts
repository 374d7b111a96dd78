/** What the Worker may connect to, in workerd's words. */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/**
 * `none`, `public`, or host names: those are looked up once, at the start, since workerd's rule is
 * about addresses.
 */
export async function resolveEgress(setting: string): Promise<string[]> {
  if (setting === "none") return [];
  if (setting === "public") return ["public"];
  const hosts = setting.split(",").filter((host) => host !== "");
  const addresses = await Promise.all(hosts.map(resolveHost));
  return addresses.flat();
}

async function resolveHost(host: string): Promise<string[]> {
  const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host }];
  return found.map(({ address }) => `${address}/${isIP(address) === 6 ? 128 : 32}`);
}
