import { expect, test } from "vitest";
import { LastHeard } from "../../../../worker/relay/link/last-heard.ts";

test("is the last frame or heartbeat, whichever came later", () => {
  const heard = new LastHeard();
  const never = heard.atMs(0, 10);
  heard.note(20);

  expect([never, heard.atMs(15, 30), heard.atMs(25, 30)]).toEqual([0, 20, 25]);
});

test("is no later than now, and stays so, if the clock was set back", () => {
  const heard = new LastHeard();
  heard.note(1_000);

  expect([heard.atMs(1_010, 100), heard.atMs(1_010, 130), heard.atMs(120, 130)]).toEqual([
    100, 100, 120,
  ]);
});
