/** Where the Worker listens, and the origins that it is known by. */
import { hostPort } from "#shared/net/host-port.ts";
import { isLoopback } from "#shared/net/loopback.ts";
import { claimPort } from "./ports.ts";

export interface Addresses {
  readonly host: string;
  readonly port: number;
  readonly tokenPort: number;
  readonly publicUrl: string;
  readonly tokenUrl: string;
}

export interface AddressOptions {
  readonly host: string;
  /** 0 is any free port. */
  readonly port: number;
  /** Undefined: the port after `port`, or any if that is 0. */
  readonly tokenPort: number | undefined;
  /** Undefined: the address that it listens on. */
  readonly publicUrl: string | undefined;
}

/** Throws with what to do if an address is not available. */
export async function chooseAddresses(options: AddressOptions): Promise<Addresses> {
  const { host } = options;
  if (options.publicUrl === undefined && host !== "::1" && !isLoopback(host)) {
    throw new Error(
      `--host ${host} is open to others: say under which address, with --public-url.`,
    );
  }
  const port = await claim(host, options.port, "--port");
  const wanted = options.tokenPort ?? (options.port === 0 ? 0 : port + 1);
  const tokenPort = await claim(host, wanted, "--token-port");
  if (options.publicUrl === undefined) {
    const publicUrl = `http://${hostPort(host, port)}`;
    return { host, port, tokenPort, publicUrl, tokenUrl: `http://${hostPort(host, tokenPort)}` };
  }
  const url = new URL(options.publicUrl);
  const tokenUrl = new URL(url.origin);
  if (isLoopback(url.hostname)) tokenUrl.port = String(tokenPort);
  else tokenUrl.hostname = `token.${url.hostname}`;
  return { host, port, tokenPort, publicUrl: url.origin, tokenUrl: tokenUrl.origin };
}

async function claim(host: string, port: number, option: string): Promise<number> {
  const claimed = await claimPort(host, port);
  if (claimed !== undefined) return claimed;
  throw new Error(`Port ${port} is in use. Choose another with ${option}, or 0 for any.`);
}
