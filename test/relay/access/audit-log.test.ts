import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, copyFile, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openAuditLog, type AuditEntry } from "../../../relay/access/audit-log.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

function entry(call_id: string, more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    time: "2026-11-20T12:00:00.000Z",
    call_id,
    principal: "ann",
    instance: "boiler",
    method: "record.get",
    phase: "outcome",
    ...more,
  };
}

async function open(path: string) {
  const log = await openAuditLog(path);
  let isOpen = true;
  const close = async () => {
    if (isOpen) await log.close();
    isOpen = false;
  };
  onTestFinished(close);
  return { ...log, close };
}

async function linesOf(path: string): Promise<unknown[]> {
  const text = await readFile(path, "utf8");
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

test("the audit log is a file that only its owner reads", async () => {
  const path = join(await freshFolder(), "audit.log");
  await open(path);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test.each([true, false])("the audit log has one line per entry (durable: %s)", async (durable) => {
  const path = join(await freshFolder(), "audit.log");
  const log = await open(path);

  await log.append(entry("1", { phase: "intent", value: '{"a":"b\\nc"}' }), durable);
  await log.append(entry("2", { outcome: "applied", duration_ms: 3 }), durable);

  expect(await linesOf(path)).toEqual([
    entry("1", { phase: "intent", value: '{"a":"b\\nc"}' }),
    entry("2", { outcome: "applied", duration_ms: 3 }),
  ]);
});

test("the audit log goes on behind what it holds", async () => {
  const path = join(await freshFolder(), "audit.log");
  await writeFile(path, '{"call_id":"before"}\n');
  await chmod(path, 0o600);
  const log = await open(path);

  await log.append(entry("1"), true);

  expect(await linesOf(path)).toMatchObject([{ call_id: "before" }, { call_id: "1" }]);
});

test("the audit log keeps entries that come together apart", async () => {
  const path = join(await freshFolder(), "audit.log");
  const log = await open(path);
  const ids = Array.from({ length: 100 }, (_, i) => String(i));

  await Promise.all(ids.map((id) => log.append(entry(id, { value: "x".repeat(1_024) }), false)));

  const written = (await linesOf(path)) as AuditEntry[];
  expect(new Set(written.map(({ call_id }) => call_id))).toEqual(new Set(ids));
});

test("the audit log shows what a stranger names without doing it, as the JSON that it was", async () => {
  const path = join(await freshFolder(), "audit.log");
  const log = await open(path);
  const record = "a\u009b2J\u202eb";

  await log.append(entry("1", { record }), false);

  expect(await readFile(path, "utf8")).toContain(String.raw`a\u009b2J\u202eb`);
  expect(await linesOf(path)).toMatchObject([{ record }]);
});

test("the audit log rejects an entry that it can't write", async () => {
  const log = await open(join(await freshFolder(), "audit.log"));
  await log.close();
  await expect(log.append(entry("1"), true)).rejects.toThrow("file closed");
});

test("the audit log of a folder that is not there can't be opened", async () => {
  const path = join(await freshFolder(), "missing", "audit.log");
  await expect(openAuditLog(path)).rejects.toMatchObject({
    name: "NeedsOperator",
    message: expect.stringContaining(`audit_log ${path} can't be opened (ENOENT)`),
  });
});

test("the audit log that can't be opened just now asks for nobody", async () => {
  const path = join(await freshFolder(), "busy");
  await copyFile("/bin/sleep", path);
  const program = spawn(path, ["60"]);
  onTestFinished(() => {
    program.kill();
  });
  await once(program, "spawn");

  await expect(openAuditLog(path)).rejects.toMatchObject({ name: "Error", code: "ETXTBSY" });
});
