import type { Host } from "./session.ts";

/**
 * Lets everybody read what was produced. Who comes first decides who gets a mailbox's message: on
 * AimX v1 hosts the application, on later ones a remote subscriber.
 */
export function settle({ config, database }: Host, nowNs: bigint, pumpSessions: () => void): void {
  if (config.aimx === "1.0") database.runTaps(nowNs);
  do pumpSessions();
  while (database.runTaps(nowNs));
}
