/**
 * A relay of each recorded release with the worker of today: what it said then, said again. Gateways are updated
 * seldom, and the worker is deployed before them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { afterEach, expect, test } from "vitest";
import { LINK_VERSION, MIN_LINK_VERSION } from "#shared/link/version.ts";
import { projectPath } from "../../worker/selfhost/project.ts";
import { Device, LinkPeer } from "../support/link/link-peer.ts";
import { TestBed } from "../support/processes/test-bed.ts";
import {
  lasting,
  parseSession,
  sectionsOf,
  type Exchange,
  type Frame,
  type Step,
} from "./link-replay/link-session.ts";

const FOLDER = projectPath("test/fixtures/link-sessions");
const files = readdirSync(FOLDER);

let bed: TestBed;
afterEach(() => bed?.close());

/** Greeted, and with what the relay then said of itself. */
async function link(steps: readonly Step[]): Promise<LinkPeer> {
  const device = await Device.enroll(bed.worker.url, await bed.worker.createJoinToken(), "gw");
  const peer = await device.dial();
  if (!(peer instanceof LinkPeer)) throw new Error(`dial: ${peer.status}`);
  bed.onClose(async () => peer.close());
  const said = steps.slice(
    0,
    steps.findIndex((step) => "call" in step),
  );
  for (const step of said) {
    if ("relay" in step) peer.send(step.relay);
    else await peer.nextFrame();
  }
  return peer;
}

/** A question is the same one if it asks the same of the same record. */
function gist({ t, method, params }: Frame): unknown {
  const { record, records } = Object(params);
  return { t, method, record, records };
}

test("a session of each link version that is served is recorded", () => {
  const count = LINK_VERSION - MIN_LINK_VERSION + 1;
  const versions = Array.from({ length: count }, (_, i) => `v${MIN_LINK_VERSION + i}`);

  expect(new Set(files.map((name) => name.split("-")[0]))).toEqual(new Set(versions));
});

/** As the relay of the recording did, to whichever comes first of what it was asked. */
async function reply(peer: LinkPeer, exchanges: readonly Exchange[]): Promise<void> {
  const open = [...exchanges];
  while (open.length > 0) {
    const frame = (await peer.nextFrame()) as unknown as Frame;
    const found = open.findIndex(({ asked }) => isDeepStrictEqual(gist(asked), gist(frame)));
    const [exchange] = open.splice(found, found === -1 ? 0 : 1);
    if (exchange === undefined) throw new Error(`Was not asked: ${JSON.stringify(frame)}`);
    peer.send({ ...exchange.reply, id: frame.id });
  }
}

test.each(files)("%s: today's worker asks the same and answers the same", async (name) => {
  const steps = parseSession(readFileSync(`${FOLDER}/${name}`, "utf8"));
  bed = await TestBed.open();
  const peer = await link(steps);
  const client = await bed.client();

  for (const { call, exchanges, answer } of sectionsOf(steps)) {
    const [given] = await Promise.all([
      client.call(call.name, call.arguments),
      reply(peer, exchanges),
    ]);
    // What is new since stands beside it.
    expect(lasting(given)).toMatchObject(Object(lasting(answer)));
  }
});
