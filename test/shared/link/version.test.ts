import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import * as z from "zod/mini";
import { parseRelayFrame, relayFrameSchema, workerFrameSchema } from "#shared/link/frame.ts";
import { METHODS } from "#shared/link/method.ts";
import { LINK_VERSION, MIN_LINK_VERSION, negotiateVersion } from "#shared/link/version.ts";

/** What `LINK_VERSION` stands for: every frame, and every method's params and result. */
const PINNED = {
  version: 1,
  sha256: "20407f088e1486e2939ff5bf7d2e5392f1bf63617120823e1ab98309e39d4771",
};

const WHAT_TO_DO = `The schemas of the link are not those of version ${PINNED.version} any more.
If a peer of that version would refuse or misread a frame (a new required field, method, frame, error
code or other listed value; a tighter bound; another unit or meaning): raise LINK_VERSION in
shared/link/version.ts, add a line to the histories there and in PROTOCOL.md, keep the parser of the
version before, and pin the new version and hash here.
If the change is a new optional field, or zod writes the same schemas in another way: only pin the
new hash here.`;

/** The order of keys, and of names in a list, means nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => {
    if (Array.isArray(part)) {
      return part.every((item) => typeof item === "string") ? part.toSorted() : part;
    }
    if (typeof part !== "object" || part === null) return part;
    return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function hashOfSchemas(): string {
  const toJson = (schema: z.ZodMiniType) => z.toJSONSchema(schema, { unrepresentable: "any" });
  const methods = Object.entries(METHODS).map(([method, { params, result }]) => [
    method,
    { params: toJson(params), result: toJson(result) },
  ]);
  const all = {
    relay: toJson(relayFrameSchema),
    worker: toJson(workerFrameSchema),
    methods: Object.fromEntries(methods),
  };
  return createHash("sha256").update(canonical(all)).digest("hex");
}

test("LINK_VERSION is raised with what it stands for [V-2]", () => {
  const now = { version: LINK_VERSION, sha256: hashOfSchemas() };
  const isPinned = now.version === PINNED.version && now.sha256 === PINNED.sha256;

  expect(isPinned ? PINNED : { ...now, whatToDo: WHAT_TO_DO }).toEqual(PINNED);
});

test("a frame with a field of a later release is one of this version [V-3]", () => {
  const hello = { t: "hello", versions: { min: 1, max: 1 }, relay_version: "9.0.0", clock_ms: 0 };

  expect(parseRelayFrame(JSON.stringify({ ...hello, region: "eu" }))).toEqual(
    parseRelayFrame(JSON.stringify(hello)),
  );
});

test("every version from the oldest to the newest is spoken [V-1]", () => {
  const ours = { min: MIN_LINK_VERSION, max: LINK_VERSION };
  const count = LINK_VERSION - MIN_LINK_VERSION + 1;
  const versions = Array.from({ length: count }, (_, i) => MIN_LINK_VERSION + i);

  for (const version of versions) {
    expect(negotiateVersion(ours, { min: version, max: version })).toBe(version);
  }
  expect(versions).not.toEqual([]);
});

test.each([
  { ours: [1, 1], theirs: [1, 1], version: 1 },
  { ours: [1, 3], theirs: [1, 2], version: 2 },
  { ours: [1, 2], theirs: [2, 5], version: 2 },
  { ours: [2, 4], theirs: [1, 9], version: 4 },
  { ours: [3, 4], theirs: [1, 3], version: 3 },
  { ours: [1, 2], theirs: [3, 4], version: undefined },
  { ours: [3, 4], theirs: [1, 2], version: undefined },
  { ours: [1, 4], theirs: [3, 2], version: undefined },
] as const)(
  "negotiateVersion() of $ours and $theirs is $version [H-2]",
  ({ ours, theirs, version }) => {
    const range = ([min, max]: readonly [number, number]) => ({ min, max });

    expect(negotiateVersion(range(ours), range(theirs))).toBe(version);
    expect(negotiateVersion(range(theirs), range(ours))).toBe(version);
  },
);
