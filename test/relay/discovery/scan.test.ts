import { link, mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { systemClock, type Clock } from "../../../relay/clock.ts";
import { MAX_MATCHES } from "../../../relay/discovery/find-paths.ts";
import { MAX_PROBED_SOCKETS, Scanner, type Finding } from "../../../relay/discovery/scan.ts";
import { connectHost } from "../../../relay/instances/host/connect.ts";
import type { Simulator } from "../../../worker/selfhost/simulator/server.ts";
import { ManualClock } from "../../support/manual-clock.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";
import { restart, startHost, VERSIONS } from "../support/host-side/host.ts";
import { startSocket } from "../support/host-side/scripted-socket.ts";
import { until } from "../support/until.ts";

const OURS = new Set([process.getuid?.() ?? 0]);

function scannerOf(patterns: string[], clock: Clock = new ManualClock()): Scanner {
  return new Scanner({ patterns, owners: OURS, connect: connectHost, clock });
}

function reasonOf(findings: readonly Finding[], socketPath: string): string {
  const finding = findings.find((found) => found.socketPath === socketPath);
  return finding?.type === "skipped" ? finding.reason : `(${finding?.type})`;
}

test("Scanner finds the hosts of every version", async () => {
  const folder = await freshFolder();
  for (const aimx of VERSIONS) await startHost({ aimx, socketPath: join(folder, `${aimx}.sock`) });

  const findings = await scannerOf([join(folder, "*.sock")]).scan();

  expect(findings).toMatchObject(
    VERSIONS.map((aimx) => ({
      type: "aimdb",
      socketPath: join(folder, `${aimx}.sock`),
      welcome: { protocolVersion: aimx },
    })),
  );
});

describe("Scanner says why it skips", () => {
  test("what is no socket that may be opened", async () => {
    const folder = await freshFolder();
    await writeFile(join(folder, "file.sock"), "");
    await mkdir(join(folder, "folder.sock"));
    await symlink(join(folder, "file.sock"), join(folder, "link.sock"));

    const findings = await scannerOf([join(folder, "*.sock"), join(folder, "gone")]).scan();

    expect(findings).toEqual([
      { type: "skipped", socketPath: join(folder, "file.sock"), reason: "It is not a socket." },
      { type: "skipped", socketPath: join(folder, "folder.sock"), reason: "It is not a socket." },
      { type: "skipped", socketPath: join(folder, "gone"), reason: "Its socket file is gone." },
      {
        type: "skipped",
        socketPath: join(folder, "link.sock"),
        reason: "It is a symbolic link; name the socket itself.",
      },
    ]);
  });

  test("a second path to the same socket", async () => {
    const folder = await freshFolder();
    await mkdir(join(folder, "run"));
    await symlink(join(folder, "run"), join(folder, "var-run"));
    const [first, second] = [join(folder, "run", "a.sock"), join(folder, "var-run", "a.sock")];
    await startHost({ aimx: "3.0", socketPath: first });
    const scanner = scannerOf([join(folder, "var-run", "*.sock"), first]);

    const findings = await scanner.scan();
    const later = await scanner.scan((path) => path === second);

    expect(findings).toHaveLength(2);
    expect(findings[0]).toMatchObject({ type: "aimdb", socketPath: first });
    expect(reasonOf(findings, second)).toBe(`It is the same socket as ${first}.`);
    expect(reasonOf(later, first)).toBe(`It is the same socket as ${second}.`);
  });

  test("a stale file", async () => {
    const host = await startHost({ aimx: "3.0" });
    await host.close({ leaveSocketFile: true });
    expect(reasonOf(await scannerOf([host.socketPath]).scan(), host.socketPath)).toBe(
      "Nobody listens on its socket: the AimDB process has ended.",
    );
  });

  test("a host that wants a token", async () => {
    const host = await startHost({ aimx: "1.0", config: { authToken: "x" } });
    expect(reasonOf(await scannerOf([host.socketPath]).scan(), host.socketPath)).toBe(
      "The host asks for an AimX auth token.",
    );
  });

  test("a host whose connections are all in use", async () => {
    const host = await startHost({ aimx: "3.0", config: { maxConnections: 0 } });
    expect(reasonOf(await scannerOf([host.socketPath]).scan(), host.socketPath)).toBe(
      "It closed the connection without a word: all its connections are in use, or it is not AimDB.",
    );
  });

  test("a path too long to be opened", async () => {
    const { socketPath } = await startSocket();
    const folder = join(dirname(socketPath), "x".repeat(100));
    await mkdir(folder);
    await rename(socketPath, join(folder, "a.sock"));

    const findings = await scannerOf([join(folder, "*.sock")]).scan();

    expect(reasonOf(findings, join(folder, "a.sock"))).toMatch(/^The socket failed: /);
  });

  test("more sockets than it probes, and those the next time", async () => {
    const folder = await freshFolder();
    for (let i = 0; i < MAX_PROBED_SOCKETS + 2; i += 1) await foreignAt(join(folder, `${100 + i}`));
    const scanner = scannerOf([join(folder, "*")]);
    const tooMany =
      "Only 128 sockets are probed in one scan, so a later scan takes it; narrow allowed_sockets.";
    const countTooMany = async () => {
      const findings = await scanner.scan();
      return findings.filter(({ socketPath }) => reasonOf(findings, socketPath) === tooMany).length;
    };

    expect([await countTooMany(), await countTooMany()]).toEqual([2, 0]);
  });
});

test("Scanner counts the silences of the host that hung least, whatever else hangs", async () => {
  const clock = new ManualClock();
  const folder = await freshFolder();
  const boiler = await startHost({ aimx: "3.0", socketPath: join(folder, "boiler.sock") });
  const scanner = scannerOf([join(folder, "*.sock")], clock);
  const silencesAfter = async (hung: readonly Simulator[]) => {
    const probes = hung.map(({ acceptedCount }) => acceptedCount);
    for (const host of hung) host.setFaults({ hang: true });
    const scanned = scanner.scan();
    await until("the probes", () => hung.every((h, i) => h.acceptedCount > (probes[i] ?? 0)));
    clock.advance(500);
    await scanned;
    return scanner.fewestSilences;
  };
  await scanner.scan();
  expect(scanner.fewestSilences).toBe(0);

  expect(await silencesAfter([boiler])).toBe(1);
  expect(await silencesAfter([boiler])).toBe(2);
  const tank = await startHost({ aimx: "3.0", socketPath: join(folder, "tank.sock") });
  expect(await silencesAfter([boiler, tank])).toBe(1);
  for (const host of [boiler, tank]) host.setFaults({});
  await scanner.scan();
  expect(scanner.fewestSilences).toBe(0);
});

test("Scanner finds a host behind many files that are none", async () => {
  const folder = await freshFolder();
  const names = Array.from({ length: MAX_PROBED_SOCKETS + 2 }, (_, i) => `${100 + i}.sock`);
  for (const name of names) await writeFile(join(folder, name), "");
  await startHost({ aimx: "3.0", socketPath: join(folder, "z.sock") });

  const findings = await scannerOf([join(folder, "*.sock")]).scan();

  expect(findings[0]).toMatchObject({ type: "aimdb", socketPath: join(folder, "z.sock") });
});

test("Scanner finds a host behind more dead sockets than it probes, when its turn comes", async () => {
  const folder = await freshFolder();
  const dead = await startHost({ aimx: "3.0" });
  await dead.close({ leaveSocketFile: true });
  const names = Array.from({ length: MAX_PROBED_SOCKETS + 2 }, (_, i) => `${100 + i}.sock`);
  for (const name of names) await link(dead.socketPath, join(folder, name));
  const { socketPath } = await startHost({ aimx: "3.0", socketPath: join(folder, "z.sock") });
  const scanner = scannerOf([join(folder, "*.sock")]);

  const [first, second] = [await scanner.scan(), await scanner.scan()];

  expect(reasonOf(first, socketPath)).toContain("a later scan takes it");
  expect(reasonOf(second, socketPath)).toBe("(aimdb)");
  // Told as it was found, though this time it had no turn.
  expect(reasonOf(second, join(folder, `${99 + MAX_PROBED_SOCKETS}.sock`))).toContain("has ended");
});

test("Scanner says first that a pattern matches more than it looks at", async () => {
  const folder = await freshFolder();
  const dead = await startHost({ aimx: "3.0" });
  await dead.close({ leaveSocketFile: true });
  const names = Array.from({ length: MAX_MATCHES + 1 }, (_, i) => join(folder, `${i}.sock`));
  await Promise.all(names.map((name) => link(dead.socketPath, name)));
  const pattern = join(folder, "*.sock");

  const findings = await scannerOf([pattern]).scan();

  expect(findings).toHaveLength(MAX_MATCHES + 1);
  expect(findings[0]).toEqual({
    type: "skipped",
    socketPath: pattern,
    reason:
      "It matches more than 4096 sockets, so each scan takes the next of them; narrow allowed_sockets.",
  });
});

test("Scanner is in no hurry for hung hosts where more match than it remembers", async () => {
  const clock = new ManualClock();
  const folder = await freshFolder();
  const hung = await startSocket();
  const names = Array.from({ length: MAX_MATCHES + 1 }, (_, i) => join(folder, `${i}.sock`));
  await Promise.all(names.map((name) => link(hung.socketPath, name)));
  const scanner = scannerOf([join(folder, "*.sock")], clock);

  const scanned = scanner.scan();
  await until("the probes", () => hung.connectionCount === MAX_PROBED_SOCKETS);
  clock.advance(500);
  await scanned;

  expect(scanner.fewestSilences).toBe(0);
});

/** Another program, which says so. */
async function foreignAt(path: string): Promise<void> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.end("220 mail\r\n");
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => {
    server.listen(path, resolve);
  });
}

test("Scanner spends on many hung hosts the time of one", async () => {
  const hosts = await Promise.all(
    Array.from({ length: 12 }, () => startHost({ aimx: "3.0", faults: { hang: true } })),
  );
  const startMs = systemClock.monotonicMs();

  const findings = await scannerOf(
    hosts.map(({ socketPath }) => socketPath),
    systemClock,
  ).scan();

  expect(systemClock.monotonicMs() - startMs).toBeLessThan(3_000);
  expect(new Set(hosts.map(({ socketPath }) => reasonOf(findings, socketPath)))).toEqual(
    new Set(["It did not answer the AimX greeting in time."]),
  );
});

test("Scanner finds a host beside one that hangs", async () => {
  const hung = await startHost({ aimx: "3.0", faults: { hang: true } });
  const good = await startHost({ aimx: "3.0" });
  const clock = new ManualClock();

  const scanned = scannerOf([hung.socketPath, good.socketPath], clock).scan();
  await until("both are asked", () => hung.connectionCount === 1 && good.acceptedCount === 1);
  await until("one has answered", () => good.connectionCount === 0);
  clock.advance(500);

  expect((await scanned).map(({ type }) => type).toSorted()).toEqual(["aimdb", "skipped"]);
});

describe("Scanner leaves alone", () => {
  test("what is known already", async () => {
    const host = await startHost({ aimx: "3.0" });
    const findings = await scannerOf([host.socketPath]).scan((path) => path === host.socketPath);
    expect(findings).toEqual([]);
    expect(host.acceptedCount).toBe(0);
  });

  test.each([
    ["answers something else", "HTTP/1.1 400 Bad Request\r\n\r\n", "It does not speak AimX."],
    ["never ends its line", "x".repeat(5 * 1024 * 1024), "It sent a line of more than 4 MiB."],
  ])("a program that %s, from the second time on", async (_name, answer, reason) => {
    const other = await startSocket((socket) => socket.write(answer));
    const scanner = scannerOf([other.socketPath]);

    const first = await scanner.scan();
    const second = await scanner.scan();

    expect([reasonOf(first, other.socketPath), reasonOf(second, other.socketPath)]).toEqual([
      reason,
      reason,
    ]);
    expect(other.connectionCount).toBe(1);
  });
});

describe("Scanner asks again", () => {
  test("a path that another program has taken over", async () => {
    const other = await startSocket((socket) => socket.write("no\n"));
    const scanner = scannerOf([other.socketPath]);
    await scanner.scan();

    await startHost({ aimx: "3.0", socketPath: other.socketPath });

    expect(reasonOf(await scanner.scan(), other.socketPath)).toBe("(aimdb)");
  });

  test("a host that came back", async () => {
    const host = await startHost({ aimx: "3.0" });
    const scanner = scannerOf([host.socketPath]);
    await host.close({ leaveSocketFile: true });
    const before = await scanner.scan();

    await restart(host);

    expect(reasonOf(before, host.socketPath)).toContain("has ended");
    expect(reasonOf(await scanner.scan(), host.socketPath)).toBe("(aimdb)");
  });

  test("a host that broke off in the middle of its greeting", async () => {
    const host = await startHost({ aimx: "3.0", faults: { cutReply: 1 } });
    const scanner = scannerOf([host.socketPath]);
    const before = await scanner.scan();

    host.setFaults({});

    expect(reasonOf(before, host.socketPath)).toBe("The AimDB process closed the connection.");
    expect(reasonOf(await scanner.scan(), host.socketPath)).toBe("(aimdb)");
  });
});
