import { reset } from "cloudflare:test";
import { afterEach, expect, test } from "vitest";
import { SqlDeskRows } from "../../../../worker/relay/calls/desk-rows.ts";
import { RELAY_MIGRATIONS } from "../../../../worker/relay/schema.ts";
import { migrate, migrateExisting } from "../../../../worker/storage/migrate.ts";
import { describeDeskRows } from "../../../shared/desk/desk-rows-facts.ts";
import { inObject, newObjectId } from "../../support/objects.ts";
import { inRelayTables } from "../../support/relay-tables.ts";

afterEach(() => reset());

describeDeskRows((run) => inRelayTables((sql) => run(new SqlDeskRows(sql))));

test("a relay object of the previous release keeps its subscriptions and learns to drain", async () => {
  const drain = {
    principal: "p",
    instance: "plant",
    record: "sensor.temp",
    cursor: { epoch: "e.0", sequence: 9 },
    usedAtMs: 3,
  };

  const [subscription, read] = await inObject("TEAM", newObjectId("TEAM"), ({ storage }) => {
    migrate(storage, RELAY_MIGRATIONS.slice(0, 1));
    storage.sql.exec(
      "INSERT INTO subscription VALUES ('s', 'p', 'plant', 'sensor.temp', 'e.0', 4, NULL, 2, 1, 0)",
    );
    migrateExisting(storage, RELAY_MIGRATIONS);
    const rows = new SqlDeskRows(storage.sql);
    rows.writeDrain(drain);
    return [rows.readSubscription("s", "p"), rows.readDrain(drain)];
  });

  expect(subscription).toMatchObject({ id: "s", cursor: { epoch: "e.0", sequence: 4 } });
  expect(read).toEqual(drain);
});
