/** The frames of test/fixtures/frames: one file per type, what is valid and what is not. */
import { readFileSync } from "node:fs";

export interface GoldenFrame {
  /** What the frame shows. */
  readonly name: string;
  readonly type: FrameType;
  readonly frame: Record<string, unknown>;
}

export const RELAY_FRAME_TYPES = [
  "hello",
  "inventory",
  "last_known",
  "reply",
  "outcomes",
  "drain",
] as const;
export const WORKER_FRAME_TYPES = ["welcome", "req", "cancel", "outcome", "drained"] as const;
export type FrameType = (typeof RELAY_FRAME_TYPES | typeof WORKER_FRAME_TYPES)[number];

export function isFromRelay(type: FrameType): boolean {
  return RELAY_FRAME_TYPES.some((relayType) => relayType === type);
}

export function goldenFrames(validity: "valid" | "invalid"): GoldenFrame[] {
  return [...RELAY_FRAME_TYPES, ...WORKER_FRAME_TYPES].flatMap((type) => {
    const path = new URL(`../../fixtures/frames/${type}.json`, import.meta.url);
    const file: Record<typeof validity, Omit<GoldenFrame, "type">[]> = JSON.parse(
      readFileSync(path, "utf8"),
    );
    return file[validity].map((golden) => ({ ...golden, type }));
  });
}
