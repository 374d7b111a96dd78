import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { err, ok } from "#shared/result.ts";
import type { DescribedClient } from "../../../../worker/oauth/clients/client-document.ts";
import { EntryStore } from "../../../../worker/oauth/storage/entry-store.ts";
import { KeptDocuments, type Documents } from "../../../../worker/oauth/clients/kept-documents.ts";
import { SHARD_MIGRATIONS } from "../../../../worker/oauth/storage/schema.ts";
import { migrate } from "../../../../worker/storage/migrate.ts";
import { inObject, newObjectId } from "../../support/objects.ts";

afterEach(() => reset());

const ID = "https://client.example/oauth/client.json";
const WEEK_MS = 7 * 86_400_000;

const CLIENT: DescribedClient = {
  clientId: ID,
  clientName: "Example Client",
  redirectUris: ["https://client.example/callback"],
  grantTypes: ["authorization_code", "refresh_token"],
  responseTypes: ["code"],
  tokenEndpointAuthMethod: "none",
  authMethodExplicit: true,
};
const GOOD = ok(CLIENT);
const UNREACHABLE = err({ kind: "unreachable", reason: "connection refused" } as const);
const REFUSED = err({ kind: "refused", reason: "status 404" } as const);

interface Bench {
  readonly web: { answer: Awaited<ReturnType<Documents["resolve"]>> };
  readonly clock: { nowMs: number };
  /** As after the object slept. */
  readonly wake: () => Documents;
}

function bench(run: (bench: Bench) => Promise<void>): Promise<void> {
  return inObject("TEAM", newObjectId("TEAM"), async ({ storage }) => {
    migrate(storage, SHARD_MIGRATIONS);
    const [web, clock] = [{ answer: GOOD }, { nowMs: 0 }];
    const now = () => clock.nowMs;
    const documents = { resolve: () => Promise.resolve(web.answer) };
    const wake = () => new KeptDocuments(documents, new EntryStore(storage.sql, now), now);
    await run({ web, clock, wake });
  });
}

test("a client whose host is down keeps its description, for a week", () =>
  bench(async ({ web, clock, wake }) => {
    await wake().resolve(ID);
    web.answer = UNREACHABLE;
    clock.nowMs = WEEK_MS - 1;
    expect(await wake().resolve(ID)).toEqual(GOOD);

    clock.nowMs = WEEK_MS;
    expect(await wake().resolve(ID)).toEqual(UNREACHABLE);
  }));

test("the week begins with the last good answer; a client that never gave one has none", () =>
  bench(async ({ web, clock, wake }) => {
    await wake().resolve(ID);
    clock.nowMs = WEEK_MS;
    await wake().resolve(ID);
    web.answer = UNREACHABLE;
    clock.nowMs = 2 * WEEK_MS - 1;

    expect(await wake().resolve(ID)).toEqual(GOOD);
    expect(await wake().resolve(`${ID}?other`)).toEqual(UNREACHABLE);
  }));

test("a client that denies its description has none, also when its host is down later", () =>
  bench(async ({ web, wake }) => {
    await wake().resolve(ID);
    web.answer = REFUSED;
    expect(await wake().resolve(ID)).toEqual(REFUSED);

    web.answer = UNREACHABLE;
    expect(await wake().resolve(ID)).toEqual(UNREACHABLE);
  }));
