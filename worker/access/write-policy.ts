/**
 * What a team allows to be written, and who has to approve it. The device's own file comes first and the
 * stricter of the two wins: the policy can only take away. Pure.
 */
import * as z from "zod/mini";
import { writeRuleFields, type FieldLimits } from "#shared/access/write-rule.ts";
import type { ClientAsks } from "#shared/fleet/fleet.ts";
import { matchesGlob } from "#shared/text/glob.ts";
import type { Inventory } from "#shared/link/inventory.ts";
import { MAX_TEAM_LIMITS } from "#shared/link/limits.ts";
import type { Approval } from "#shared/link/methods/record-set.ts";

/** From the strictest: a signed-in person on the worker's page, the client's own word, no confirmation. */
export const confirmSchema = z.enum(["human", "client", "never"]);
export type Confirm = z.infer<typeof confirmSchema>;

export const MAX_WRITES_PER_MINUTE = 6_000;
export const perMinute = z.number().check(z.int(), z.minimum(0), z.maximum(MAX_WRITES_PER_MINUTE));

export const writeRuleSchema = z
  .strictObject({ ...writeRuleFields, confirm: z.optional(confirmSchema) })
  .check(
    z.check(({ value: { fields = {} }, issues }) => {
      for (const [path, { min = -Infinity, max = Infinity }] of Object.entries(fields)) {
        if (min <= max) continue;
        const about = { path: ["fields", path, "min"], message: "is above its max" };
        issues.push({ code: "custom", input: min, ...about });
      }
    }),
  );
export type WriteRule = z.infer<typeof writeRuleSchema>;

export const writePolicySchema = z.strictObject({
  /** The complete list: a record that no rule names is not writable. */
  rules: z.array(writeRuleSchema).check(z.maxLength(MAX_TEAM_LIMITS)),
  /** Per principal and relay; 0 is no limit. */
  writes_per_minute: z._default(perMinute, 10),
  /** Per principal and record; 0 is no limit. */
  writes_per_minute_per_record: z._default(perMinute, 2),
});
export type WritePolicy = z.infer<typeof writePolicySchema>;

/** Everything that devices allow, each write confirmed by a person. */
export const DEFAULT_WRITE_POLICY: WritePolicy = writePolicySchema.parse({
  rules: [{ record: "*" }],
});

/** The rules that match one record, combined. */
export interface TeamRule {
  readonly confirm: Confirm;
  readonly limits: readonly FieldLimits[];
  readonly maxPerMinute: number | undefined;
}

export interface WriteTarget {
  /** `<relay>/<name>`. */
  readonly instance: string;
  readonly record: string;
}

/** Undefined if no rule opens the record. Of several that do, the strictest holds. */
export function ruleFor(
  policy: WritePolicy,
  { instance, record }: WriteTarget,
): TeamRule | undefined {
  const fitting = rulesAt(policy, instance).filter((rule) => matchesGlob(rule.record, record));
  return fitting.length === 0 ? undefined : strictestOf(fitting);
}

/**
 * For an operation that touches every record of an instance and changes the value of none. Undefined unless
 * one rule opens all records; of all rules about any of them, the strictest holds. A rule without `confirm`
 * asks a person about values, so here it asks nobody: this operation can't be confirmed, and would otherwise
 * be open only to teams that open every value unconfirmed.
 */
export function ruleForAll(policy: WritePolicy, instance: string): TeamRule | undefined {
  const fitting = rulesAt(policy, instance);
  if (!fitting.some(({ record }) => record === "*")) return undefined;
  return strictestOf(fitting.map((rule) => ({ confirm: "never", ...rule })));
}

function rulesAt({ rules }: WritePolicy, at: string): readonly WriteRule[] {
  return rules.filter(({ instance = "*" }) => matchesGlob(instance, at));
}

function strictestOf(fitting: readonly WriteRule[]): TeamRule {
  const rates = fitting.flatMap(({ max_per_minute }) => max_per_minute ?? []);
  return {
    confirm: strictest(fitting.map(({ confirm = "human" }) => confirm)),
    limits: fitting.flatMap(({ fields }) => (fields === undefined ? [] : [fields])),
    maxPerMinute: rates.length === 0 ? undefined : Math.min(...rates),
  };
}

function strictest(confirms: readonly Confirm[]): Confirm {
  return confirmSchema.options.find((confirm) => confirms.includes(confirm)) ?? "human";
}

/** Who has to approve; `local` is the operator at the device. */
export type Approver = Confirm | "local";

/** The stricter of team and device; if the client can't ask its user, a person on the page. */
export function approverOf(
  team: Confirm,
  device: Inventory["confirm_writes"],
  { form }: Pick<ClientAsks, "form">,
): Approver {
  if (device === "local") return "local";
  const needed = device === "always" && team === "never" ? "client" : team;
  return needed === "client" && !form ? "human" : needed;
}

/** Checked again just before the write: the rule may have become stricter since the approval. */
export function satisfies(
  given: Approval | undefined,
  team: Confirm,
  device: Inventory["confirm_writes"],
): boolean {
  switch (approverOf(team, device, { form: true })) {
    case "local":
    case "never":
      return true;
    case "client":
      return given !== undefined;
    case "human":
      return given === "human";
  }
}
