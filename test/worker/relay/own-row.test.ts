import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { OwnRow } from "../../../worker/relay/own-row.ts";
import { readRelayRow } from "../../../worker/relay/relay-row.ts";
import { inRelayTables } from "../support/relay-tables.ts";

afterEach(() => reset());

function insertRow(sql: SqlStorage): void {
  const key = JSON.stringify({ kty: "OKP", crv: "Ed25519", x: "A".repeat(43) });
  sql.exec(
    "INSERT INTO relay (one, team, name, public_key, installation, created_at, generation, offline_since) VALUES (1, 'team', 'gw-1', ?, 'installation', 5, 0, 5)",
    key,
  );
}

test("OwnRow finds a relay that was created after it was first asked", async () => {
  const [before, after] = await inRelayTables((sql) => {
    const row = new OwnRow(sql);
    const none = row.read();
    insertRow(sql);
    return [none, row.read()?.name];
  });

  expect([before, after]).toEqual([undefined, "gw-1"]);
});

test("OwnRow is read once, however often it is asked for", async () => {
  const isSame = await inRelayTables((sql) => {
    insertRow(sql);
    const row = new OwnRow(sql);
    return row.read() === row.read();
  });

  expect(isSame).toBe(true);
});

test("OwnRow shows each of its changes at once, and stores them", async () => {
  const shown = await inRelayTables((sql) => {
    insertRow(sql);
    const row = new OwnRow(sql);
    const changes = [
      () => row.read(),
      () => row.raiseGeneration(),
      () => row.writeOffline({ sinceMs: 77, hasLeft: true }),
      () => row.writeStatus("suspended"),
    ];
    return changes.map((change) => {
      change();
      return [row.read(), readRelayRow(sql)].map((read) =>
        [read?.generation, read?.offlineSinceMs, read?.hasLeft, read?.status].join(" "),
      );
    });
  });

  expect(shown).toEqual([
    ["0 5 false active", "0 5 false active"],
    ["1  false active", "1  false active"],
    ["1 77 true active", "1 77 true active"],
    ["1 77 true suspended", "1 77 true suspended"],
  ]);
});
