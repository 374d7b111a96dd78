import { chown, link, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { checkTrust } from "../../../relay/discovery/trust.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { startSocket } from "../support/host-side/scripted-socket.ts";

const OUR_USER = process.getuid?.() ?? 0;
const OURS = new Set([OUR_USER]);
const SOMEBODY_ELSE = 54_321;
const isRoot = OUR_USER === 0;

test("checkTrust trusts our own socket in our own folder", async () => {
  const { socketPath } = await startSocket();
  expect(await checkTrust(socketPath, OURS)).toEqual({ ok: true, value: expect.any(String) });
});

test("checkTrust tells a socket file from a later one of the same path", async () => {
  const first = await startSocket();
  const second = await startSocket();
  const before = await checkTrust(first.socketPath, OURS);

  await rm(first.socketPath);
  await link(second.socketPath, first.socketPath);

  expect(await checkTrust(first.socketPath, OURS)).not.toEqual(before);
});

test("checkTrust gives the same id for the same file", async () => {
  const { socketPath } = await startSocket();
  expect(await checkTrust(socketPath, OURS)).toEqual(await checkTrust(socketPath, OURS));
});

describe("checkTrust refuses", () => {
  test("what is not there", async () => {
    const path = join(await freshFolder(), "gone.sock");
    expect(await checkTrust(path, OURS)).toEqual({
      ok: false,
      error: "Its socket file is gone.",
    });
  });

  test("a symbolic link, though it leads to a trusted socket", async () => {
    const { socketPath } = await startSocket();
    const path = join(dirname(socketPath), "link.sock");
    await symlink(socketPath, path);

    expect(await checkTrust(path, OURS)).toEqual({
      ok: false,
      error: "It is a symbolic link; name the socket itself.",
    });
  });

  test.each(["file", "folder"])("a %s", async (kind) => {
    const path = join(await freshFolder(), "x.sock");
    await (kind === "file" ? writeFile(path, "") : mkdir(path));
    expect(await checkTrust(path, OURS)).toEqual({ ok: false, error: "It is not a socket." });
  });

  test("a socket of a user who is not trusted", async () => {
    const { socketPath } = await startSocket();
    expect(await checkTrust(socketPath, new Set([SOMEBODY_ELSE]))).toEqual({
      ok: false,
      error: `It belongs to user ${OUR_USER}. If that is AimDB's user, add it to allowed_owners.`,
    });
  });

  test.runIf(isRoot)("a socket that was given to another user", async () => {
    const { socketPath } = await startSocket();
    await chown(socketPath, SOMEBODY_ELSE, SOMEBODY_ELSE);

    expect(await checkTrust(socketPath, OURS)).toMatchObject({ ok: false });
    expect(await checkTrust(socketPath, new Set([OUR_USER, SOMEBODY_ELSE]))).toMatchObject({
      ok: true,
    });
  });

  test.runIf(isRoot)("a folder of a user who is not trusted", async () => {
    const { socketPath } = await startSocket();
    await chown(dirname(socketPath), SOMEBODY_ELSE, SOMEBODY_ELSE);

    expect(await checkTrust(socketPath, OURS)).toEqual({
      ok: false,
      error: "Its folder belongs to a user who is not in allowed_owners.",
    });
  });
});
