import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { noteDial, readKeys } from "../../../../worker/relay/dial/keys.ts";
import { inRelayTables } from "../../support/relay-tables.ts";

afterEach(() => reset());

const keyNamed = (letter: string) =>
  ({ kty: "OKP", crv: "Ed25519", x: letter.repeat(43) }) as const;

test.each([
  ["marks the next key as one that has dialed", "B", true],
  ["of the current key marks nothing", "A", false],
  ["of a next key whose place another took meanwhile marks nothing", "C", false],
])("a dial %s", async (_what, signedBy, hasDialed) => {
  const keys = await inRelayTables((sql) => {
    sql.exec(
      "INSERT INTO relay (one, team, name, public_key, installation, created_at, next_key, next_key_at) VALUES (1, 'team', 'gw-1', ?, 'installation', 5, ?, 5)",
      JSON.stringify(keyNamed("A")),
      JSON.stringify(keyNamed("B")),
    );
    noteDial(sql, keyNamed(signedBy));
    return readKeys(sql, 6);
  });

  expect(keys.next).toMatchObject({ key: keyNamed("B"), hasDialed });
});
