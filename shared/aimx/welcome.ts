/** What a host says of itself when greeted. */
import * as z from "zod/mini";
import { safeParse } from "../parse/safe-parse.ts";

const wireWelcomeSchema = z.object({
  version: z.string(),
  server: z.string(),
  permissions: z.catch(z.array(z.string()), []),
  max_subscriptions: z.catch(z.nullable(z.number().check(z.int(), z.minimum(0))), null),
  authenticated: z.catch(z.boolean(), false),
});

export interface Welcome {
  /** As the host wrote it: `"1.0"`, `"2.0"`, `"3.0"`. */
  readonly protocolVersion: string;
  /** As the host wrote it. Always `"aimdb"`: no host states its release. */
  readonly server: string;
  readonly permissions: readonly string[];
  /** Subscriptions one connection may hold; null if the host does not say. */
  readonly maxSubscriptions: number | null;
  readonly authenticated: boolean;
}

export function parseWelcome(value: unknown): Welcome | undefined {
  const parsed = safeParse(wireWelcomeSchema, value);
  if (!parsed.success) return undefined;
  const { version, server, permissions, max_subscriptions, authenticated } = parsed.data;
  return {
    protocolVersion: version,
    server,
    permissions,
    maxSubscriptions: max_subscriptions,
    authenticated,
  };
}
