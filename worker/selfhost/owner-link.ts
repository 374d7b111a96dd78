/**
 * Asks our own Worker for the first owner's link, at the address that it listens on: its public one may not be
 * reachable from here.
 */
import { request } from "node:http";
import * as z from "zod/mini";
import type { Addresses } from "./settings/addresses.ts";

const TIMEOUT_MS = 10_000;
/** It has an owner; there are several teams. */
const NOT_ASKED_FOR: ReadonlySet<unknown> = new Set([409, 400]);

const ownerLink = z.object({ url: z.string() });

/** Undefined if the team has an owner, or there are several teams. */
export async function createOwnerLink(
  { host, port, publicUrl }: Addresses,
  adminToken: string,
): Promise<string | undefined> {
  const { status, text } = await post({
    host: host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host,
    port,
    path: "/api/v1/owner-link",
    headers: { host: new URL(publicUrl).host, authorization: `Bearer ${adminToken}` },
  });
  if (NOT_ASKED_FOR.has(status)) return undefined;
  if (status !== 201) throw new Error(`/api/v1/owner-link answered ${status}`);
  return ownerLink.parse(JSON.parse(text)).url;
}

interface Post {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** fetch does not allow setting the Host header. */
function post(options: Post): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    request({ ...options, method: "POST", signal }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}
