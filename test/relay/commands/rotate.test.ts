import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { decodeJwt, importJWK, jwtVerify } from "jose";
import { describe, expect, test } from "vitest";
import {
  type PublicKey,
  ROTATE_PROOF_TYPE,
  ROTATE_TOKEN_TYPE,
  rotateClaimsSchema,
} from "#shared/link/dial-token.ts";
import { ROTATE_PATH } from "#shared/link/enrollment.ts";
import { rotate } from "../../../relay/commands/rotate.ts";
import { writeIdentity } from "../../../relay/identity/identity.ts";
import { readKey, readOrCreateKey } from "../../../relay/identity/key.ts";
import { needsOperator, NeedsOperator } from "../../../relay/needs-operator.ts";
import { identityOf } from "../support/host-side/builders.ts";
import { startEnrollServer } from "../support/worker-side/enroll-server.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { TestEnvironment } from "../support/device/test-environment.ts";

const ROTATED = {
  status: 200,
  body: { relay: "gateway", old_key_until: "2026-11-26T09:30:00.000Z" },
};

async function begin() {
  const worker = await startEnrollServer();
  worker.answer = ROTATED;
  const homeFolder = await freshFolder();
  const state = join(homeFolder, "state");
  const environment = new TestEnvironment({ homeFolder, variables: { STATE_DIRECTORY: state } });
  const run = (json = false) => rotate({ json, configPath: undefined }, environment);
  return { worker, state, environment, run };
}

function bearerOf({ headers }: { headers: IncomingHttpHeaders }): string {
  return headers.authorization?.slice("Bearer ".length) ?? "";
}

async function keyNow(state: string): Promise<PublicKey> {
  const key = await readKey(state);
  if (key === undefined) throw new Error("There is no key.");
  return key.publicKey;
}

async function enrolled() {
  const begun = await begin();
  const link_url = `${begun.worker.url.replace("http", "ws")}/relay`;
  await writeIdentity(begun.state, identityOf({ link_url }));
  return { ...begun, before: await readOrCreateKey(begun.state) };
}

describe("rotate", () => {
  test("puts a new key in the old one's place, registered by both [D-12] [D-13]", async () => {
    const { worker, state, environment, run, before } = await enrolled();

    expect(await run()).toBe(0);

    const after = await keyNow(state);
    expect(after).not.toEqual(before.publicKey);
    expect((await readdir(state)).toSorted()).toEqual(["identity.json", "key.json"]);
    const [asked] = worker.asked;
    if (asked === undefined) throw new Error("Nothing was asked.");
    expect(asked.path).toBe(ROTATE_PATH);
    expect(asked.body.public_key).toEqual(after);
    const token = bearerOf(asked);
    const signed = await jwtVerify(token, await importJWK(before.publicKey, "EdDSA"), {
      typ: ROTATE_TOKEN_TYPE,
    });
    expect(rotateClaimsSchema.parse(signed.payload).next).toBe(after.x);
    const proof = await jwtVerify(asked.body.proof, await importJWK(after, "EdDSA"), {
      typ: ROTATE_PROOF_TYPE,
    });
    expect(proof.payload["rotate"]).toBe(createHash("sha256").update(token).digest("hex"));
    expect(environment.printed).toContain('"gateway" has a new key.');
    expect(environment.printed).toContain("2026-11-26T09:30:00.000Z");
  });

  test("says in JSON until when the old key is good", async () => {
    const { environment, run } = await enrolled();
    await run(true);
    expect(JSON.parse(environment.printed)).toEqual(ROTATED.body);
  });

  test("sends nothing of either private key", async () => {
    const { worker, state, run } = await enrolled();
    const old = await readFile(join(state, "key.json"), "utf8");

    await run();

    const fresh = await readFile(join(state, "key.json"), "utf8");
    for (const text of [old, fresh]) {
      const { d } = JSON.parse(text) as { d: string };
      expect(JSON.stringify(worker.asked)).not.toContain(d);
    }
  });

  test("keeps the old key where it is refused, and offers the same new one again", async () => {
    const { worker, state, run, before } = await enrolled();
    worker.answer = { status: 401, body: { error: { code: "unauthorized", message: "No." } } };

    await expect(run()).rejects.toThrow(new NeedsOperator("No."));

    expect(await keyNow(state)).toEqual(before.publicKey);
    worker.answer = ROTATED;
    expect(await run()).toBe(0);
    const [first, second] = worker.asked;
    expect(second?.body.public_key).toEqual(first?.body.public_key);
    expect(await keyNow(state)).toEqual(first?.body.public_key);
  });

  test("asks once more by the worker's clock", async () => {
    const { worker, environment, run } = await enrolled();
    const server_time_ms = Date.UTC(2030, 0, 1);
    const error = { code: "clock", message: "The clock is wrong.", server_time_ms };
    worker.answer = { status: 401, body: { error } };

    expect(await run()).toBe(1);

    const issued = worker.asked.map((asked) => decodeJwt(bearerOf(asked)).iat);
    expect(issued).toHaveLength(2);
    expect(issued[1]).toBe(server_time_ms / 1000);
    expect(environment.printedError).toBe("The clock is wrong.\n");
  });

  test("says what to do on a device that is not enrolled, or whose key is elsewhere", async () => {
    const bare = await begin();
    await expect(bare.run()).rejects.toThrow(
      new NeedsOperator("This device is not enrolled. Run: aimdb-relay enroll URL"),
    );

    const sealed = await begin();
    await writeIdentity(sealed.state, identityOf());
    await expect(sealed.run()).rejects.toSatisfy(needsOperator);
    await expect(sealed.run()).rejects.toThrow("There is no key in");
    expect(sealed.worker.asked).toEqual([]);
  });
});
