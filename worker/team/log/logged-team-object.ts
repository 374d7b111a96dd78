/** The team's log, and changes that are made and logged in one turn: neither exists without the other. */
import type { ActionEntry } from "../../access/audit-entry.ts";
import type { Env } from "../../env.ts";
import { newCause } from "../../relay/calls/call-id.ts";
import { planLogAlarm } from "./audit-purging.ts";
import { AuditLog } from "./audit-log.ts";
import { RightsTeamObject } from "../rights/rights-team-object.ts";

export type Action = Pick<
  ActionEntry,
  "principal" | "action" | "target" | "target_name" | "target_email"
>;

export abstract class LoggedTeamObject extends RightsTeamObject {
  protected readonly log: AuditLog;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.log = new AuditLog(ctx.storage);
  }

  /** For changes that don't come through the management API, which logs its own. */
  protected changing<T>(
    change: () => T,
    toActions: (changed: T) => Action | readonly Action[] | undefined,
  ): T {
    const result = this.ctx.storage.transactionSync(() => {
      const changed = change();
      const at_ms = Date.now();
      this.log.append(
        [toActions(changed) ?? []].flat().map((action) => {
          const about = { at_ms, ...action, call_id: newCause() };
          return { ...about, phase: "outcome", outcome: "done" };
        }),
      );
      return changed;
    });
    this.ctx.waitUntil(this.planLogAlarm(Date.now()));
    return result;
  }

  /** For a change that takes time: logged before it begins, and again with its outcome. */
  protected async changingLater<T>(
    action: Action,
    change: () => Promise<T>,
    outcomeOf: (changed: T) => string,
  ): Promise<T> {
    const about = { ...action, call_id: newCause() };
    const startedAtMs = Date.now();
    this.log.append([{ at_ms: startedAtMs, ...about, phase: "intent" }]);
    const changed = await change();
    const outcome = outcomeOf(changed);
    const endedAtMs = Date.now();
    const times = { at_ms: endedAtMs, duration_ms: endedAtMs - startedAtMs };
    this.log.append([{ ...times, ...about, phase: "outcome", outcome }]);
    await this.planLogAlarm(endedAtMs);
    return changed;
  }

  protected planLogAlarm(nowMs: number, isCounting = false): Promise<void> {
    return planLogAlarm(this.log, this.ctx.storage, { nowMs, isCounting });
  }
}
