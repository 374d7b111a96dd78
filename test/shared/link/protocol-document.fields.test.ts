/** The field tables of PROTOCOL.md against the schemas: the same fields, optional alike, same bounds. */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { dialClaimsSchema } from "#shared/link/dial-token.ts";
import { enrollRequestSchema, rotateRequestSchema } from "#shared/link/enrollment.ts";
import { helloSchema, welcomeSchema } from "#shared/link/hello.ts";
import { announcedInstanceSchema, inventorySchema } from "#shared/link/inventory.ts";
import { lastKnownSchema } from "#shared/link/last-known.ts";
import { METHODS, type Method } from "#shared/link/method.ts";
import { outcomeQuerySchema, outcomesSchema } from "#shared/link/outcomes.ts";
import { replySchema, requestSchema } from "#shared/link/request.ts";
import { sampleSchema } from "#shared/link/sample.ts";
import { codeIn, tableOf, type Table } from "./protocol-document.ts";

/** The part of JSON Schema that the link's schemas use. */
interface Shape {
  readonly properties?: Record<string, Shape>;
  readonly required?: readonly string[];
  readonly items?: Shape;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly type?: string;
  readonly pattern?: string;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

function shapeOf(schema: z.ZodMiniType): Shape {
  return z.toJSONSchema(schema, { unrepresentable: "any" }) as Shape;
}

interface Field {
  /** With `?` where it may be absent. */
  readonly name: string;
  /** As the document writes bounds: `≤ 40`, `1–1000`. */
  readonly bounds: string | undefined;
}

/** `t` and `outcome` only tell which shape it is. */
const TAGS = new Set(["t", "outcome"]);

function fieldsOf(shape: Shape, prefix = ""): Field[] {
  return Object.entries(shape.properties ?? {})
    .filter(([name]) => !TAGS.has(name))
    .map(([name, property]) => ({
      name: `${prefix}${name}${shape.required?.includes(name) === true ? "" : "?"}`,
      bounds: boundsOf(property),
    }));
}

/** Several shapes may have a field in common. */
function once(fields: readonly Field[]): Field[] {
  return [...new Map(fields.map((field) => [field.name, field])).values()];
}

function boundsOf(property: Shape): string | undefined {
  const { pattern = "", maxLength, maxItems, minimum, maximum } = property;
  const length = /\{1,(\d+)\}\$$/.exec(pattern)?.[1] ?? maxLength ?? maxItems;
  if (length !== undefined) return `≤ ${length}`;
  const isBounded = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER;
  if (!isBounded) return undefined;
  return minimum === undefined ? `≤ ${maximum}` : `${minimum}–${maximum}`;
}

function documentedFields({ rows }: Table): Field[] {
  return rows.flatMap(([names = "", type = ""]) =>
    codeIn(names).map((name) => ({ name, bounds: /≤ \d+|\d+–\d+/.exec(type)?.[0] })),
  );
}

function methodFields(method: Method): Field[] {
  const { params, result } = METHODS[method];
  return [...fieldsOf(shapeOf(params), "params."), ...fieldsOf(shapeOf(result), "result.")];
}

/** The items of a list in a method's result, or an object in it. */
function partOf(method: Method, field: string): Shape {
  const part = shapeOf(METHODS[method].result).properties?.[field];
  return part?.items ?? part ?? {};
}

/** Of what may be null. */
function presentOf(shape: Shape | undefined): Shape {
  return shape?.anyOf?.find(({ type }) => type !== "null") ?? {};
}

const row = partOf("record.list", "records");
const outcomes = shapeOf(METHODS["record.set"].result);

const FIELDS_OF_METHODS = [
  "record.get_many",
  "record.schema",
  "record.drain",
  "samples.history",
  "graph.get",
  "diagnostics.get",
  "diagnostics.reset",
] as const;

const PARTS = [
  ["record.get_many", "entries", "entry field"],
  ["samples.watch", "entries", "entry field"],
  ["samples.history", "buckets", "bucket field"],
  ["graph.get", "nodes", "node field"],
  ["graph.get", "edges", "edge field"],
  ["diagnostics.get", "records", "counter field"],
  ["diagnostics.get", "relay", "relay field"],
] as const;

const TABLES: readonly (readonly [heading: string, table: Table, fields: readonly Field[]])[] = [
  ["enrollment", tableOf("3. Enrollment", "field"), fieldsOf(shapeOf(enrollRequestSchema))],
  ["rotation", tableOf("Rotation", "field"), fieldsOf(shapeOf(rotateRequestSchema))],
  ["dial token", tableOf("4. Dial", "field"), fieldsOf(shapeOf(dialClaimsSchema))],
  ["hello", tableOf("`hello`", "field"), fieldsOf(shapeOf(helloSchema))],
  ["welcome", tableOf("`welcome`", "field"), fieldsOf(shapeOf(welcomeSchema))],
  ["req", tableOf("`req`", "field"), fieldsOf(shapeOf(requestSchema))],
  ["reply", tableOf("`reply`", "field"), fieldsOf(shapeOf(replySchema))],
  ["inventory", tableOf("`inventory`", "field"), fieldsOf(shapeOf(inventorySchema))],
  [
    "announced instance",
    tableOf("`inventory`", "instance field"),
    fieldsOf(shapeOf(announcedInstanceSchema)),
  ],
  ["last_known", tableOf("`last_known`", "field"), fieldsOf(shapeOf(lastKnownSchema))],
  [
    "instance of last_known",
    tableOf("`last_known`", "instance field"),
    fieldsOf(shapeOf(lastKnownSchema).properties?.["instances"]?.items ?? {}),
  ],
  ["record.list", tableOf("`record.list`", "field"), methodFields("record.list")],
  ["row of record.list", tableOf("`record.list`", "row field"), fieldsOf(row)],
  [
    "graph end of record.list",
    tableOf("`record.list`", "end field"),
    fieldsOf(presentOf(row.properties?.["producers"]).items ?? {}),
  ],
  ["record.get", tableOf("`record.get`", "field"), methodFields("record.get")],
  ...FIELDS_OF_METHODS.map(
    (method) => [method, tableOf(`\`${method}\``, "field"), methodFields(method)] as const,
  ),
  ...PARTS.map(
    ([method, field, column]) =>
      [
        `${field} of ${method}`,
        tableOf(`\`${method}\``, column),
        fieldsOf(partOf(method, field)),
      ] as const,
  ),
  ["record.set", tableOf("`record.set`", "field"), methodFields("record.set")],
  [
    "outcome of record.set",
    tableOf("`record.set`", "field", 1),
    once((outcomes.oneOf ?? outcomes.anyOf ?? []).flatMap((shape) => fieldsOf(shape))),
  ],
  ["outcome", tableOf("`outcome`", "field"), fieldsOf(shapeOf(outcomeQuerySchema))],
  ["outcomes", tableOf("`outcomes`", "field"), fieldsOf(shapeOf(outcomesSchema))],
  ["samples.read", tableOf("`samples.read`", "field"), methodFields("samples.read")],
  ["samples.watch", tableOf("`samples.watch`", "field"), methodFields("samples.watch")],
  ["sample", tableOf("9. Samples", "sample field"), fieldsOf(shapeOf(sampleSchema))],
];

describe("the fields of", () => {
  test.each(TABLES)("%s are the schema's, with its bounds", (_name, table, fields) => {
    const byName = (a: Field, b: Field) => (a.name < b.name ? -1 : 1);

    expect(fields.length).toBeGreaterThan(0);
    expect(documentedFields(table).sort(byName)).toEqual([...fields].sort(byName));
  });
});

test("the gaps are the schema's", () => {
  const { properties } = shapeOf(METHODS["samples.read"].result);
  const documented = tableOf("9. Samples", "gap").rows.flatMap(([reason = ""]) => codeIn(reason));

  expect(properties?.["gaps"]?.items?.properties?.["reason"]).toMatchObject({ enum: documented });
});
