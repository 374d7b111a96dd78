/**
 * Addresses of resources. Canonical: `aimdb://<relay>/<name>/record/<key>`. Beside its hosts a relay
 * shows a socket path behind an empty authority, `aimdb:///tmp/x.sock/records`; either form is read
 * everywhere.
 */
import { parseInstanceId } from "../../instance-id.ts";
import { MAX_KEY_LENGTH } from "../../link/limits.ts";

/** Keys in other scripts are longer when encoded. */
const MAX_URI_LENGTH = 2_000;

export const INSTANCES_URI = "aimdb://instances";

export type InstanceRef =
  | { readonly by: "instance"; readonly instance: string }
  | { readonly by: "socket"; readonly socket: string };

export type ResourceAddress =
  | { readonly kind: "instances" }
  | { readonly kind: "records" | "metrics"; readonly of: InstanceRef }
  | { readonly kind: "record" | "schema"; readonly of: InstanceRef; readonly key: string };

const OF_INSTANCE = /^aimdb:\/\/([^/?#]+\/[^/?#]+)\/([^?#]+)$/;
const OF_SOCKET = /^aimdb:\/\/(\/[^?#]+?)\/(records|metrics|record\/[^/?#]+|schema\/[^/?#]+)$/;

/** Undefined for a text that is not one of our addresses. */
export function parseResourceUri(uri: string): ResourceAddress | undefined {
  if (uri.length > MAX_URI_LENGTH) return undefined;
  if (uri === INSTANCES_URI) return { kind: "instances" };
  const [, socket, partOfSocket = ""] = OF_SOCKET.exec(uri) ?? [];
  if (socket !== undefined) {
    const path = decode(socket);
    return path === undefined ? undefined : addressOf({ by: "socket", socket: path }, partOfSocket);
  }
  const [, instance = "", part = ""] = OF_INSTANCE.exec(uri) ?? [];
  if (parseInstanceId(instance) === undefined) return undefined;
  return addressOf({ by: "instance", instance }, part);
}

function addressOf(of: InstanceRef, part: string): ResourceAddress | undefined {
  if (part === "records" || part === "metrics") return { kind: part, of };
  const [kind, encoded = "", ...rest] = part.split("/");
  if ((kind !== "record" && kind !== "schema") || rest.length > 0) return undefined;
  const key = decode(encoded);
  if (key === undefined || key === "" || key.length > MAX_KEY_LENGTH) return undefined;
  return { kind, of, key };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

export function formatResourceUri(address: ResourceAddress): string {
  if (address.kind === "instances") return INSTANCES_URI;
  const start =
    address.of.by === "instance"
      ? `aimdb://${address.of.instance}`
      : `aimdb://${address.of.socket.split("/").map(encodeURIComponent).join("/")}`;
  return "key" in address
    ? `${start}/${address.kind}/${encodeURIComponent(address.key)}`
    : `${start}/${address.kind}`;
}

/** The keys of records among them, as a log names them. */
export function recordsIn(uris: readonly string[]): string | undefined {
  const keys = uris.flatMap((uri) => {
    const address = parseResourceUri(uri);
    return address !== undefined && "key" in address ? [address.key] : [];
  });
  return keys.length === 0 ? undefined : keys.join(", ");
}
