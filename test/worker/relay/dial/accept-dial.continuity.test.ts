/** What a relay object makes of dials that are not of one history. */
import { afterEach, describe, expect, test } from "vitest";
import type { OnClone } from "../../../../worker/access/relay-policy.ts";
import type { CloneSighting } from "../../../../worker/team/rpc.ts";
import { hashSecret } from "../../../../worker/auth/secret.ts";
import { acceptDial } from "../../../../worker/relay/dial/accept-dial.ts";
import { OwnRow } from "../../../../worker/relay/own-row.ts";
import { ShortLinks } from "../../../../worker/relay/dial/short-links.ts";
import { teamOf } from "../../../../worker/team/stub.ts";
import { cleanUp } from "../../support/clean-up.ts";
import { createDialToken, enrollDevice, type Device } from "../../support/device.ts";
import { dumpOf, evict, inObject } from "../../support/objects.ts";
import { dial, ScriptedRelay } from "../../support/scripted-relay.ts";
import { createTeam, type TestTeam } from "../../support/team.ts";
import { bearer, bindings, ORIGIN } from "../../support/worker.ts";

afterEach(cleanUp);

const HOME = "198.51.100.7";
const AWAY = "203.0.113.9";

/** A device, or a copy of it: with the value that its last welcome gave, as far as it was stored. */
class Dialer {
  readonly #device: Device;
  readonly #address: string;
  held: string | undefined;

  constructor(device: Device, address: string, held?: string) {
    this.#device = device;
    this.#address = address;
    this.held = held;
  }

  copyAt(address: string): Dialer {
    return new Dialer(this.#device, address, this.held);
  }

  async answer(cont = this.held): Promise<Response> {
    const claims = cont === undefined ? {} : { cont };
    const token = await createDialToken(this.#device, { claims });
    return dial(token, { "cf-connecting-ip": this.#address });
  }

  /** Welcomed; `stores` false is a welcome that was lost. */
  async link({ stores = true } = {}): Promise<ScriptedRelay> {
    const relay = ScriptedRelay.from(await this.answer());
    await relay.greet();
    if (stores) this.held = relay.continuity;
    return relay;
  }
}

async function begin(onClone: OnClone = "alert") {
  const team = await createTeam();
  const device = await enrollDevice(team);
  const stub = teamOf(bindings, team.id);
  await stub?.setRelayPolicy({ on_clone: onClone });
  const own = new Dialer(device, HOME);
  return { team, device, own, sighting: () => sightingIn(team) };
}

async function sightingIn({ id }: TestTeam): Promise<CloneSighting | null | undefined> {
  const views = await teamOf(bindings, id)?.relayViews();
  return views?.[0]?.clone;
}

/** As if the last sighting were older. */
function age({ id }: TestTeam, byMs: number): Promise<void> {
  return inObject("TEAM", id, ({ storage: { sql } }) => {
    sql.exec("UPDATE relay SET clone_last_at = clone_last_at - ?", byMs);
  });
}

async function statusIn({ id }: TestTeam): Promise<string | undefined> {
  return (await teamOf(bindings, id)?.relayViews())?.[0]?.status;
}

describe("a welcome", () => {
  test("gives another value each time, and none of them is stored [D-16]", async () => {
    const { device, own } = await begin();
    const first = (await own.link()).continuity;
    const second = (await own.link()).continuity;

    expect(first).toMatch(/^[\w-]{43}$/);
    expect(second).not.toBe(first);
    const stored = await dumpOf("RELAY", device.relay_id);
    expect(stored).toContain(await hashSecret(first));
    expect(stored).toContain(await hashSecret(second));
    for (const value of [first, second]) expect(stored).not.toContain(value);
  });
});

describe("one device raises nothing", () => {
  test("whatever welcomes it loses, and across the object's sleep [D-17]", async () => {
    const { device, own, sighting } = await begin();
    for (const [n, stores] of [false, true, false, false, true, false, true].entries()) {
      await (await own.link({ stores })).end();
      // Only now and then: the object stays awake for a second behind what it counted.
      if (n % 3 === 0) await evict("RELAY", device.relay_id);
    }
    // Dials that were accepted, and nothing came of.
    ScriptedRelay.from(await own.answer()).close();
    ScriptedRelay.from(await own.answer()).close();
    await own.link();

    expect(await sighting()).toBeNull();
  });

  test("that never shows a value, as one of an older release, or whose disk is full [D-17]", async () => {
    const { own, sighting } = await begin();
    for (let n = 0; n < 4; n += 1) await own.link({ stores: false });

    expect(await sighting()).toBeNull();
  });

  test("by a dial whose clock is wrong, or that is refused, as doctor's [D-17]", async () => {
    const { device, own, sighting } = await begin();
    await own.link();
    await own.link();
    const refused = await dial(await createDialToken(device, { claims: { iat: 1, exp: 61 } }));
    const malformed = await own.answer("short");
    await own.link();

    expect([refused.status, malformed.status]).toEqual([401, 401]);
    expect(await sighting()).toBeNull();
  });
});

describe("two devices with one key", () => {
  test("are noticed when the second of them comes back, with where both dialed from [D-18]", async () => {
    const { own, sighting } = await begin();
    await own.link();
    const copy = own.copyAt(AWAY);
    await copy.link();
    await own.link();
    expect(await sighting()).toBeNull();
    const back = await copy.link();

    const found = await sighting();
    expect(found?.networks).toEqual(["203.0.113.0/24", "198.51.100.0/24"]);
    expect(Math.abs(Date.now() - (found?.firstAtMs ?? 0))).toBeLessThan(60_000);
    expect(back.continuity).toMatch(/^[\w-]{43}$/);
  });

  test.each([
    { name: "shows a value of before the last two dials", older: true },
    { name: "shows none", older: false },
  ])("are noticed at once where the copy $name [D-18]", async ({ older }) => {
    const { own, sighting } = await begin();
    await own.link();
    const copy = own.copyAt(AWAY);
    copy.held = older ? copy.held : undefined;
    await own.link();
    await own.link();
    await copy.link();

    expect(await sighting()).not.toBeNull();
  });

  test("go on to be noticed, folded to one event in ten minutes, and again once it was dismissed [D-18]", async () => {
    const { team, own, sighting } = await begin();
    await own.link();
    const copy = own.copyAt(AWAY);
    for (const dialer of [copy, own, copy]) await dialer.link();
    const first = await sighting();
    for (const dialer of [own, copy, own]) await dialer.link();
    expect(await sighting()).toEqual(first);

    await age(team, 10 * 60_000);
    await copy.link();
    const later = await sighting();
    expect(later?.firstAtMs).toBe(first?.firstAtMs);
    expect(later?.lastAtMs).toBeGreaterThanOrEqual(first?.lastAtMs ?? Infinity);

    await teamOf(bindings, team.id)?.dismissClone("gw-1");
    expect(await sighting()).toBeNull();
    await own.link();
    expect(await sighting()).not.toBeNull();
  });

  test("stay noted when the key is rotated, since whoever has it can rotate it", async () => {
    const { own, sighting, team } = await begin();
    await own.link();
    const copy = own.copyAt(AWAY);
    for (const dialer of [copy, own, copy]) await dialer.link();

    await teamOf(bindings, team.id)?.setRelayKey("gw-1", "A".repeat(43));

    expect(await sighting()).not.toBeNull();
  });
});

test("a device that comes back from a backup is let in, and raises one event [D-18]", async () => {
  const { team, own, sighting } = await begin();
  await own.link();
  const backup = own.held;
  for (let n = 0; n < 3; n += 1) await own.link();
  own.held = backup;

  ScriptedRelay.from(await own.answer());
  expect(await sighting()).not.toBeNull();
  await teamOf(bindings, team.id)?.dismissClone("gw-1");
  // The dial above had no welcome; then all is as it was.
  await own.link();
  await own.link({ stores: false });
  await own.link();
  expect(await sighting()).toBeNull();
});

test("a second history that the team can't be told of is not let in, and is one the next time, too [D-18]", async () => {
  const { device, own, sighting } = await begin();
  const copy = own.copyAt(AWAY);
  await own.link();
  await own.link();
  const token = await createDialToken(device);
  const TEAM: typeof bindings.TEAM = {
    ...bindings.TEAM,
    idFromString: (id) => bindings.TEAM.idFromString(id),
    get: () => {
      throw new Error("The object is overloaded");
    },
  };

  const accepted = await inObject("RELAY", device.relay_id, async (ctx) => {
    const sockets: WebSocket[] = [];
    const link = { accept: (socket: WebSocket) => void sockets.push(socket), endAs: () => {} };
    const row = new OwnRow(ctx.storage.sql);
    const shortLinks = new ShortLinks(0);
    const request = new Request(ORIGIN, { headers: bearer(token) });
    await expect(
      acceptDial(request, { ctx, env: { ...bindings, TEAM }, row, link, shortLinks }),
    ).rejects.toThrow("overloaded");
    return sockets.length;
  });

  expect([accepted, await sighting()]).toEqual([0, null]);
  await copy.link();
  expect(await sighting()).not.toBeNull();
});

describe("where the team wants it suspended", () => {
  test("both lose the link, and neither dials until it is resumed [D-18]", async () => {
    const { team, own, sighting } = await begin("suspend");
    await own.link();
    const copy = own.copyAt(AWAY);
    await copy.link();
    const live = await own.link();

    const refused = await copy.answer();

    expect([refused.status, refused.headers.get("retry-after")]).toEqual([423, "60"]);
    expect(await refused.json()).toMatchObject({ error: { code: "suspended" } });
    expect((await live.closed()).code).toBe(4423);
    expect((await own.answer()).status).toBe(423);
    expect(await statusIn(team)).toBe("suspended");
    expect(await sighting()).not.toBeNull();
  });

  test("a device that came from a backup is let in once it is resumed, and raises nothing more", async () => {
    const { team, own, sighting } = await begin("suspend");
    await own.link();
    const backup = own.held;
    for (let n = 0; n < 3; n += 1) await own.link();
    own.held = backup;
    expect((await own.answer()).status).toBe(423);

    const stub = teamOf(bindings, team.id);
    await stub?.dismissClone("gw-1");
    await stub?.setRelayStatus("gw-1", "active");
    for (let n = 0; n < 3; n += 1) await own.link();

    expect([await sighting(), await statusIn(team)]).toEqual([null, "active"]);
  });

  test("two devices are suspended again when it is resumed and both come back [D-18]", async () => {
    const { team, own } = await begin("suspend");
    await own.link();
    const copy = own.copyAt(AWAY);
    await copy.link();
    await own.link();
    expect((await copy.answer()).status).toBe(423);

    await teamOf(bindings, team.id)?.setRelayStatus("gw-1", "active");
    await own.link();

    expect((await copy.answer()).status).toBe(423);
    expect(await statusIn(team)).toBe("suspended");
  });
});
