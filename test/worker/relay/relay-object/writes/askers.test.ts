import { afterEach, describe, expect, test } from "vitest";
import { teamOf } from "../../../../../worker/team/stub.ts";
import { write } from "../../../support/calls.ts";
import { cleanUp } from "../../../support/clean-up.ts";
import { bindings } from "../../../support/worker.ts";
import { connected, grantedIn, memberOf, awaiting, approve } from "../../../support/confirming.ts";
import { APPLIED, reportOf } from "../../../support/writes.ts";

afterEach(cleanUp);

describe("a write that a person must confirm", () => {
  test("is decided by the person whose client asked, and by no other", async () => {
    const { begun, device, team, sent } = await connected("human");
    const writer = await memberOf(team);
    const { id } = await awaiting(device, writer);

    const other = await approve(begun, id);
    const own = await approve(begun, id, { approver: { id: writer.id, scopes: writer.scopes } });

    expect(other).toMatchObject({ ok: false, failure: { code: "insufficient_scope" } });
    expect(reportOf(own)).toMatchObject({ outcome: APPLIED });
    expect(sent).toHaveLength(1);
  });

  test("is not executed once the token that asked for it is revoked", async () => {
    const { begun, device, team, writer, sent } = await connected("human");
    const { id } = await awaiting(device, writer);
    await teamOf(bindings, team.id)?.revokeAccessToken(writer.credential ?? "", null);

    expect(reportOf(await approve(begun, id))).toMatchObject({
      outcome: { outcome: "refused", code: "insufficient_scope" },
    });
    expect(sent).toEqual([]);
  });

  test.each<[string, (team: string, member: string) => Promise<unknown> | undefined]>([
    ["may only look now", (team, member) => teamOf(bindings, team)?.setRole(member, "viewer")],
    ["has left", (team, member) => teamOf(bindings, team)?.removeMember(member)],
  ])("is not executed for a person who %s", async (_name, change) => {
    const { begun, device, team, sent } = await connected("human");
    const writer = await memberOf(team);
    const { id } = await awaiting(device, writer);
    await change(team.id, writer.id);

    const approver = { id: writer.id, scopes: writer.scopes };
    expect(reportOf(await approve(begun, id, { approver }))).toMatchObject({
      outcome: { outcome: "refused", code: "insufficient_scope" },
    });
    expect(sent).toEqual([]);
  });

  test("is executed for an OAuth client, unless its grant ended", async () => {
    const { begun, device, team, sent } = await connected("human");
    const writer = await grantedIn(team);
    const approver = { id: writer.id, scopes: writer.scopes };
    const first = await awaiting(device, writer);
    const second = await awaiting(device, writer, { value: 2 });

    const before = await approve(begun, first.id, { approver });
    await teamOf(bindings, team.id)?.revokeGrant(writer.credential ?? "", null);
    const after = await approve(begun, second.id, { approver });

    expect(reportOf(before)).toMatchObject({ outcome: APPLIED });
    expect(reportOf(after)).toMatchObject({ outcome: { code: "insufficient_scope" } });
    expect(sent).toHaveLength(1);
  });

  test("is executed for somebody of an external issuer, unless blocked", async () => {
    const { begun, device, team, sent } = await connected("human");
    const object = teamOf(bindings, team.id);
    const rights = { scopes: ["aimdb:write"], rightsVersion: 1 } as const;
    const writer = { id: "e".repeat(64), team: team.id, ...rights };
    await object?.admitSubject({ id: writer.id, subject: "ada", nowMs: Date.now() });
    const first = await awaiting(device, writer);
    const second = await awaiting(device, writer, { value: 2 });

    const before = await approve(begun, first.id);
    await object?.blockSubject(writer.id, Date.now());
    const after = await approve(begun, second.id);

    expect(reportOf(before)).toMatchObject({ outcome: APPLIED });
    expect(reportOf(after)).toMatchObject({ outcome: { code: "insufficient_scope" } });
    expect(sent).toHaveLength(1);
  });

  test("is refused to a token that only reads, although its person may write", async () => {
    const { device, team } = await connected(undefined);
    const reader = await memberOf(team, ["aimdb:read"]);

    expect(reportOf(await write(device, reader))).toMatchObject({
      outcome: { outcome: "refused", code: "insufficient_scope" },
    });
  });
});
