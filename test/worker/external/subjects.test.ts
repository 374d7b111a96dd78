import { reset } from "cloudflare:test";
import { afterEach, beforeEach, expect, test } from "vitest";
import { teamOf } from "../../../worker/team/stub.ts";
import { inObject, newObjectId } from "../support/objects.ts";
import { createTeam } from "../support/team.ts";
import { bindings } from "../support/worker.ts";

const DAY_MS = 86_400_000;
const ADA = { id: "a".repeat(64), subject: "ada", nowMs: 10 * DAY_MS };

let team: string;

beforeEach(async () => {
  team = (await createTeam()).id;
});

afterEach(() => reset());

test("somebody who comes is admitted, and known from then on", async () => {
  const stub = teamOf(bindings, team);

  expect(await stub?.admitSubject(ADA)).toMatchObject({ auditReads: "batched" });
  expect(await stub?.admitSubject({ ...ADA, nowMs: 12 * DAY_MS })).toMatchObject({
    rightsVersion: 1,
  });

  expect(await stub?.externalSubjects()).toEqual([
    { id: ADA.id, subject: "ada", firstUsedAtMs: 10 * DAY_MS, isBlocked: false },
  ]);
  const [row] = await inObject("TEAM", team, ({ storage: { sql } }) =>
    sql.exec("SELECT last_used_day FROM external_subject").toArray(),
  );
  expect(row).toEqual({ last_used_day: 12 });
});

test("somebody who is blocked is refused until unblocked", async () => {
  const stub = teamOf(bindings, team);
  await stub?.admitSubject(ADA);

  expect(await stub?.blockSubject(ADA.id, 1)).toMatchObject({ type: "now" });
  expect(await stub?.admitSubject(ADA)).toBeNull();
  expect(await stub?.externalSubjects()).toMatchObject([{ isBlocked: true }]);

  expect(await stub?.blockSubject(ADA.id, null)).toMatchObject({ type: "now" });
  expect(await stub?.admitSubject(ADA)).toMatchObject({ auditReads: "batched" });
});

test("nobody is blocked who never came", async () => {
  expect(await teamOf(bindings, team)?.blockSubject("b".repeat(64), 1)).toBeNull();
});

test("nobody is admitted without a team", async () => {
  const stub = teamOf(bindings, newObjectId("TEAM"));

  expect(await stub?.admitSubject(ADA)).toBeNull();
  expect(await stub?.externalSubjects()).toEqual([]);
  expect(await stub?.blockSubject(ADA.id, 1)).toBeNull();
});

test("ten thousand are admitted, and no more", async () => {
  await inObject("TEAM", team, ({ storage: { sql } }) => {
    sql.exec(`
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
      INSERT INTO external_subject SELECT 's' || i, 's', 0, 0, NULL FROM n`);
  });

  expect(await teamOf(bindings, team)?.admitSubject(ADA)).toBeNull();
});
