import { describe, expect, test } from "vitest";
import { LastHeard } from "../../../../worker/relay/link/last-heard.ts";

const never = () => 0;

describe("a relay", () => {
  test("is silent once neither frame nor heartbeat came for 25 s", () => {
    const heard = new LastHeard();
    heard.note(1_000);

    expect(heard.silentSinceMs(26_000, never)).toBeUndefined();
    expect(heard.silentSinceMs(26_001, never)).toBe(1_000);
    expect(heard.silentSinceMs(26_001, () => 900)).toBe(1_000);
    expect(heard.silentSinceMs(26_001, () => 1_001)).toBeUndefined();
    expect(heard.silentSinceMs(26_002, () => 1_001)).toBe(1_001);
  });

  test("is not asked for its heartbeat where a frame came lately", () => {
    const heard = new LastHeard();
    const asked: number[] = [];
    const beatMs = () => asked.push(1);
    heard.note(1_000);
    heard.silentSinceMs(26_000, beatMs);

    expect(asked).toEqual([]);
  });

  test("that was never heard from is not silent: its object has just woken", () => {
    expect(new LastHeard().silentSinceMs(1_000_000, never)).toBeUndefined();
  });

  test("was heard now at the latest, and no later after that, if the clock was set back", () => {
    const heard = new LastHeard();
    heard.note(1_000_000);
    const beatMs = () => 1_000_010;

    expect(heard.silentSinceMs(100_000, beatMs)).toBeUndefined();
    expect(heard.silentSinceMs(125_000, beatMs)).toBeUndefined();
    expect(heard.silentSinceMs(125_001, beatMs)).toBe(100_000);
  });
});
