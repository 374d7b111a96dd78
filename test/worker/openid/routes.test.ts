/** What strangers can make the one directory do, which all sign-ins need. With a provider: test/e2e/openid.test.ts. */
import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { randomSecret } from "../../../worker/auth/secret.ts";
import type { Env } from "../../../worker/env.ts";
import { bindings, fetchWorker } from "../support/worker.ts";

afterEach(() => reset());

/** Refused unasked, since it is neither https nor on this machine. */
const PROVIDER = {
  OIDC_ISSUER: "http://provider.example",
  OIDC_CLIENT_ID: "aimdb",
  OIDC_CLIENT_SECRET: "a-secret",
};

/** Counts the questions to the directory. */
function countedDirectory(): { readonly env: Partial<Env>; readonly asked: () => number } {
  let asked = 0;
  const { DIRECTORY } = bindings;
  const env: Partial<Env> = {
    ...PROVIDER,
    DIRECTORY: {
      get: (id) => {
        asked += 1;
        return DIRECTORY.get(id);
      },
      newUniqueId: () => DIRECTORY.newUniqueId(),
      idFromString: (id) => DIRECTORY.idFromString(id),
      idFromName: (name) => DIRECTORY.idFromName(name),
    },
  };
  return { env, asked: () => asked };
}

/** As often as fits twice in a minute, which may end in between. */
async function statusesOf(
  times: number,
  ask: (n: number) => Promise<Response>,
): Promise<ReadonlySet<number>> {
  const statuses = new Set<number>();
  for (let n = 0; n < times; n += 1) {
    const response = await ask(n);
    statuses.add(response.status);
    await response.body?.cancel();
  }
  return statuses;
}

test("answers of a provider to questions that nobody asked are looked up sixty times a minute", async () => {
  const { env, asked } = countedDirectory();
  const headers = { "cf-connecting-ip": "203.0.113.81" };

  const statuses = await statusesOf(180, () => {
    const cookie = `openid=${randomSecret()}.%2F`;
    return fetchWorker("/login/provider/callback?code=c", { headers: { ...headers, cookie } }, env);
  });

  expect(statuses).toEqual(new Set([400, 429]));
  expect(asked()).toBeLessThanOrEqual(120);
});

test("one network begins sixty sign-ins a minute, however many addresses it has", async () => {
  const { env, asked } = countedDirectory();

  const statuses = await statusesOf(180, (n) => {
    const headers = { "cf-connecting-ip": `2001:db8:77:${n.toString(16)}::1` };
    return fetchWorker("/login/provider", { headers }, env);
  });

  expect(statuses).toEqual(new Set([400, 429]));
  expect(asked()).toBeLessThanOrEqual(120);
});
