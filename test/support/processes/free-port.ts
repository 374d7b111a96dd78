/** A loopback port for a program that has to be told one. */
import { claimPort } from "../../../worker/selfhost/settings/ports.ts";

export async function freePort(): Promise<number> {
  const port = await claimPort("127.0.0.1", 0);
  if (port === undefined) throw new Error("No port is free");
  return port;
}
