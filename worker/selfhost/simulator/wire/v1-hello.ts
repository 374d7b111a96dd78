/** The handshake of AimX v1: one plain object each way before anything else. */

import { permissionsOf } from "../host-config.ts";
import { readStruct } from "../json/struct-reader.ts";
import type { Field, StructSpec } from "../json/struct-reader.ts";
import type { Host } from "./session.ts";

export type HelloOutcome =
  | { readonly type: "welcome"; readonly text: string }
  | { readonly type: "refused"; readonly text: string }
  /** Hosts close without a byte. */
  | { readonly type: "unreadable" };

const HELLO: StructSpec = {
  name: "HelloMessage",
  shortList: false,
  fields: new Map<string, Field>([
    ["version", { type: "string" }],
    ["client", { type: "string" }],
    ["capabilities", { type: "strings", optional: true }],
    ["auth_token", { type: "string", optional: true }],
  ]),
};

export function answerHello(line: string, host: Host): HelloOutcome {
  const hello = readStruct(line.trim(), HELLO);
  if (!hello.ok) return { type: "unreadable" };
  const version = hello.value.text("version") ?? "";
  if (version !== "1.0" && version !== "1") {
    // Hosts insert the version as it is: a quote in it makes their answer invalid JSON.
    return refused(
      "unsupported_version",
      `Server supports version 1.0, client requested ${version}`,
    );
  }
  const { authToken } = host.config;
  const given = hello.value.text("auth_token");
  if (authToken !== undefined && given !== authToken) {
    return given === undefined
      ? refused("authentication_required", "Auth token required")
      : refused("authentication_failed", "Invalid auth token");
  }
  return { type: "welcome", text: welcomeText(host) };
}

/** The writable records are listed by type, twice if two have the same. */
function welcomeText({ config, database }: Host): string {
  const writable = database.records.filter(({ definition }) => definition.writable === true);
  return JSON.stringify({
    version: "1.0",
    server: "aimdb",
    permissions: permissionsOf(config),
    writable_records:
      config.policy === "read_write" ? writable.map(({ definition }) => definition.typeName) : [],
    max_subscriptions: config.maxSubscriptions,
    authenticated: config.authToken !== undefined,
  });
}

function refused(error: string, message: string): HelloOutcome {
  return { type: "refused", text: `{"error":"${error}","message":"${message}"}` };
}
