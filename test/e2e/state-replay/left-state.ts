/**
 * What a release left behind: the folders of a worker and of a relay, as lines of JSON. Databases stand as their statements
 * and rows. Where they were recorded is left out; when is moved to today, since most of what is stored ends.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";

export interface Kept {
  /** Of the person's browser, at the worker's origin. */
  readonly cookies: readonly (readonly [string, string])[];
  readonly clientInformation: unknown;
  readonly tokens: unknown;
  readonly accessToken: string;
  readonly adminToken: string;
  /** Call ids of writes. */
  readonly calls: { readonly applied: string; readonly left: string };
}

/** What is no JSON has a name. */
type Cell = string | number | null | { readonly base64: string } | { readonly integer: string };
type Rows = readonly (readonly Cell[])[];

type Part =
  | { readonly recorded_at_ms: number }
  | { readonly file: string; readonly text: string }
  | {
      readonly database: string;
      readonly schema: readonly string[];
      readonly rows: Readonly<Record<string, Rows>>;
    }
  | { readonly kept: Kept };

/** What differs from one machine, and one run, to another. */
export interface Place {
  readonly folder: string;
  readonly port: number;
}

const FOLDER = "{folder}";
const ADDRESS = "127.0.0.1:{port}";

/** `folder` holds `worker` and `relay`, and nobody has them open. */
export function readLeftState({ folder, port }: Place, kept: Kept, nowMs: number): string {
  const files = ["worker", "relay"].flatMap((top) =>
    readdirSync(join(folder, top), { recursive: true, encoding: "utf8" }).map((path) =>
      join(top, path),
    ),
  );
  const stored = files.filter((path) => /\.(sqlite|json|ndjson|toml)$/.test(path)).toSorted();
  const parts: Part[] = [
    { recorded_at_ms: nowMs },
    ...stored.map((path) =>
      path.endsWith(".sqlite")
        ? { database: path, ...readDatabase(join(folder, path)) }
        : { file: path, text: readFileSync(join(folder, path), "utf8") },
    ),
    { kept },
  ];
  return parts
    .map((part) => `${JSON.stringify(part)}\n`)
    .join("")
    .replaceAll(folder, FOLDER)
    .replaceAll(`127.0.0.1:${port}`, ADDRESS);
}

/** As if it had been recorded now, in that place. */
export function restoreLeftState(text: string, { folder, port }: Place, nowMs: number): Kept {
  const recordedAtMs = Number(/"recorded_at_ms":(\d+)/.exec(text)?.[1]);
  const here = moved(text, recordedAtMs, nowMs)
    .replaceAll(FOLDER, folder)
    .replaceAll(ADDRESS, `127.0.0.1:${port}`);
  let kept: Kept | undefined;
  for (const line of here.trimEnd().split("\n")) {
    const part = JSON.parse(line) as Part;
    if ("file" in part) writePrivate(join(folder, part.file), part.text);
    else if ("database" in part) writeDatabase(join(folder, part.database), part);
    else if ("kept" in part) ({ kept } = part);
  }
  if (kept === undefined) throw new Error("The recording does not end");
  return kept;
}

const NEAR_MS = 400 * 86_400_000;

/** Unix times near the recording's, in seconds, milliseconds, and nanoseconds as alarms have them. */
function moved(text: string, fromMs: number, toMs: number): string {
  // By whole seconds, so that each stays behind the one it was behind.
  const laterS = Math.round((toMs - fromMs) / 1_000);
  return text.replaceAll(
    /\b(\d{10})(\d{3}|\d{9})?\b/g,
    (digits, seconds: string, rest: string = "") =>
      Math.abs(Number(seconds) * 1_000 - fromMs) < NEAR_MS
        ? `${Number(seconds) + laterS}${rest}`
        : digits,
  );
}

function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, text, { mode: 0o600 });
}

function readDatabase(path: string): { schema: string[]; rows: Record<string, Rows> } {
  const database = new DatabaseSync(path);
  try {
    const made = database.prepare("SELECT type, name, sql FROM sqlite_master").all();
    const schema = made.flatMap(({ sql, name }) =>
      typeof sql === "string" && !isOwn(name) ? [sql] : [],
    );
    const tables = made.flatMap(({ type, name }) => (type === "table" ? [String(name)] : []));
    const rows = tables.map((name): [string, Rows] => [name, rowsOf(database, name)]);
    return { schema, rows: Object.fromEntries(rows.filter(([, found]) => found.length > 0)) };
  } finally {
    database.close();
  }
}

/** SQLite makes them itself. */
function isOwn(name: unknown): boolean {
  return String(name).startsWith("sqlite_");
}

function rowsOf(database: DatabaseSync, table: string): Rows {
  const select = database.prepare(`SELECT * FROM "${table}"`);
  select.setReadBigInts(true);
  return select.all().map((row) => Object.values(row).map(toCell));
}

function toCell(value: unknown): Cell {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  if (typeof value === "bigint") {
    return Number.isSafeInteger(Number(value)) ? Number(value) : { integer: String(value) };
  }
  if (value === null || typeof value === "string" || typeof value === "number") return value;
  throw new Error(`A ${typeof value} is not expected in a database`);
}

function writeDatabase(
  path: string,
  { schema, rows }: { readonly schema: readonly string[]; readonly rows: Record<string, Rows> },
): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const database = new DatabaseSync(path);
  try {
    for (const statement of schema) database.exec(statement);
    for (const [table, cells] of Object.entries(rows)) {
      for (const row of cells) {
        const marks = row.map(() => "?").join(", ");
        database.prepare(`INSERT INTO "${table}" VALUES (${marks})`).run(...row.map(fromCell));
      }
    }
  } finally {
    database.close();
  }
}

function fromCell(cell: Cell): string | number | bigint | null | Buffer {
  if (typeof cell !== "object" || cell === null) return cell;
  return "integer" in cell ? BigInt(cell.integer) : Buffer.from(cell.base64, "base64");
}
