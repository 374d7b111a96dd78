/** What a desk gives: samples as they crossed the link, and where their clock starts. */
import type { DrainBatch, SubscriptionBatch } from "../fleet/fleet.ts";
import type { LinkSample } from "../link/sample.ts";

type OnLinkClock<Batch> = Omit<Batch, "samples"> & {
  readonly samples: readonly LinkSample[];
  readonly sessionStartedAtMs: number;
};

export type DeskBatch = OnLinkClock<SubscriptionBatch>;

/** What the host drained itself has no times. */
export type DrainedBatch =
  | OnLinkClock<Extract<DrainBatch, { from: "samples" }>>
  | Extract<DrainBatch, { from: "host" }>;
