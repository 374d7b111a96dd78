import type { Host, Session } from "./session.ts";
import { TaggedSession } from "./tagged-session.ts";
import { V1Session } from "./v1-session.ts";

export function openSession(host: Host): Session {
  const { aimx } = host.config;
  return aimx === "1.0" ? new V1Session(host) : new TaggedSession(host, aimx);
}
