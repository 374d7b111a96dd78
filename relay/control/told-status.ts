/**
 * A running relay's status as its reader takes it: the relay may be of an older release, which runs until it is
 * restarted and does not report what was added since.
 */
import * as z from "zod/mini";
import { linkStatusSchema } from "../link/link-status.ts";
import { RELAY_VERSION } from "../version.ts";
import { relayStatusSchema } from "./relay-status.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

/** What this release can't read counts as not reported. */
const ifTold = <S extends z.ZodMiniType>(schema: S) => z.catch(z.optional(schema), undefined);

const { continuity, not_served, traffic, counts, instances } = relayStatusSchema.shape;

export const toldStatusSchema = z.extend(relayStatusSchema, {
  link: z.extend(linkStatusSchema, { narrow_per_s: ifTold(linkStatusSchema.shape.narrow_per_s) }),
  continuity: ifTold(continuity),
  instances: z.array(
    z.extend(instances.def.element, { breaker: ifTold(instances.def.element.shape.breaker) }),
  ),
  not_served: ifTold(not_served),
  traffic: ifTold(traffic),
  counts: ifTold(counts),
});
export type ToldStatus = z.infer<typeof toldStatusSchema>;

/** Undefined if the running relay is of this release. */
export function otherRelease(told: ToldStatus): string | undefined {
  const isWhole = safeParse(relayStatusSchema, told).success;
  if (isWhole && told.version === RELAY_VERSION) return undefined;
  return `${told.version} runs still, of another release than this command: restart it to have the rest`;
}
