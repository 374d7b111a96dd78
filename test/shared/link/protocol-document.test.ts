/** PROTOCOL.md says what the code does: its examples parse, its tables hold the code's numbers. */
import { describe, expect, test } from "vitest";
import * as z from "zod/mini";
import { errorCodeSchema } from "#shared/failure.ts";
import { CLOSE_CODES } from "#shared/link/close-code.ts";
import {
  CLOCK_TOLERANCE_S,
  DIAL_TOKEN_LIFETIME_S,
  DIAL_TOKEN_TYPE,
  ENROLL_PROOF_TYPE,
  ROTATE_PROOF_TYPE,
  ROTATE_TOKEN_TYPE,
  SIGNATURE_ALGORITHM,
} from "#shared/link/dial-token.ts";
import {
  ENROLL_PATH,
  enrollRequestSchema,
  ROTATE_PATH,
  rotateRequestSchema,
  rotateResponseSchema,
  enrollResponseSchema,
  LINK_PATH,
  refusalSchema,
} from "#shared/link/enrollment.ts";
import {
  encodeFrame,
  parseRelayFrame,
  parseWorkerFrame,
  relayFrameSchema,
  workerFrameSchema,
} from "#shared/link/frame.ts";
import { HEARTBEAT_REQUEST, HEARTBEAT_RESPONSE } from "#shared/link/heartbeat.ts";
import * as limits from "#shared/link/limits.ts";
import { METHODS, type Method } from "#shared/link/method.ts";
import { LINK_SUBPROTOCOL, LINK_VERSION } from "#shared/link/version.ts";
import { LINK_BACKOFF } from "../../../relay/backoff.ts";
import { DIAL_TIMEOUT_MS, HEALTHY_AFTER_MS } from "../../../relay/link/link-state.ts";
import { afterClose, afterDialFailure } from "../../../relay/link/next-step.ts";
import { MAX_SAMPLE_BYTES } from "../../../relay/store/sample-store.ts";
import { goldenFrames, RELAY_FRAME_TYPES, WORKER_FRAME_TYPES } from "./golden-frames.ts";
import { codeIn, fences, protocolDocument, protocolProse, tableOf } from "./protocol-document.ts";

/** Takes an example's text apart and puts it together again. */
type RoundTrip = (text: string) => string;

const roundTripOf =
  (schema: z.ZodMiniType): RoundTrip =>
  (text) =>
    JSON.stringify(schema.parse(JSON.parse(text)));

function frameRoundTrip(parse: typeof parseRelayFrame | typeof parseWorkerFrame): RoundTrip {
  return (text) => {
    const frame = parse(text);
    if (!frame.ok) throw new Error(JSON.stringify(frame.error));
    return encodeFrame(frame.value);
  };
}

const METHOD_NAMES = Object.keys(METHODS).filter((name): name is Method => name in METHODS);

const ROUND_TRIPS: Readonly<Record<string, RoundTrip>> = {
  "relay-frame": frameRoundTrip(parseRelayFrame),
  "worker-frame": frameRoundTrip(parseWorkerFrame),
  "enroll-request": roundTripOf(enrollRequestSchema),
  "enroll-response": roundTripOf(enrollResponseSchema),
  "rotate-request": roundTripOf(rotateRequestSchema),
  "rotate-response": roundTripOf(rotateResponseSchema),
  refusal: roundTripOf(refusalSchema),
  ...Object.fromEntries(
    METHOD_NAMES.flatMap((method) => [
      [`params ${method}`, roundTripOf(METHODS[method].params)],
      [`result ${method}`, roundTripOf(METHODS[method].result)],
    ]),
  ),
};

/** `json` fences hold one example, `jsonl` fences one a line. */
const EXAMPLES = fences().flatMap(({ info, content }) => {
  const [language, ...words] = info.split(" ");
  const what = words.join(" ");
  if (language === "json") return [{ what, text: content }];
  if (language !== "jsonl") return [];
  return content.split("\n").flatMap((text) => (text === "" ? [] : [{ what, text }]));
});

describe("an example", () => {
  test.each(EXAMPLES)("of $what is read and written the same: $text", ({ what, text }) => {
    const roundTrip = ROUND_TRIPS[what];

    expect(Object.keys(ROUND_TRIPS)).toContain(what);
    expect(JSON.parse(roundTrip?.(text) ?? "null")).toEqual(JSON.parse(text));
  });

  test.each(Object.keys(ROUND_TRIPS))("of %s is in the document", (what) => {
    expect(EXAMPLES.map((example) => example.what)).toContain(what);
  });

  test.each(EXAMPLES.filter(({ what }) => what.endsWith("-frame")))(
    "of $what is a golden frame: $text",
    ({ text }) => {
      expect(goldenFrames("valid").map(({ frame }) => frame)).toContainEqual(JSON.parse(text));
    },
  );

  test.each([...RELAY_FRAME_TYPES, ...WORKER_FRAME_TYPES])("shows the frame %s", (type) => {
    expect(EXAMPLES.map(({ text }) => JSON.parse(text).t)).toContain(type);
  });

  test("of a request has params that its method takes", () => {
    const requests = EXAMPLES.map(({ text }) => JSON.parse(text)).filter(({ t }) => t === "req");

    for (const { method, params } of requests) {
      expect(METHOD_NAMES.find((name) => name === method)).toBeDefined();
      expect(METHODS[method as Method].params.parse(params)).toEqual(params);
    }
  });
});

test("the heartbeat's texts are the fixed ones, to the byte", () => {
  const textOf = (info: string) => fences().find((fence) => fence.info === info)?.content;

  expect(textOf("text heartbeat-request")).toBe(`${HEARTBEAT_REQUEST}\n`);
  expect(textOf("text heartbeat-response")).toBe(`${HEARTBEAT_RESPONSE}\n`);
});

test.each([
  LINK_SUBPROTOCOL,
  DIAL_TOKEN_TYPE,
  ENROLL_PROOF_TYPE,
  ROTATE_PROOF_TYPE,
  ROTATE_TOKEN_TYPE,
  SIGNATURE_ALGORITHM,
  LINK_PATH,
  `POST ${ENROLL_PATH}`,
  `POST ${ROTATE_PATH}`,
  ROTATE_PROOF_TYPE,
  ROTATE_TOKEN_TYPE,
])("the document names %s", (name) => {
  expect(codeIn(protocolProse)).toContain(name);
});

test("the limits have the code's names and numbers", () => {
  const { rows } = tableOf("14. Limits", "name");
  const documented = rows.map(([name = "", number = ""]) => [
    codeIn(name)[0],
    Number(number.replaceAll(" ", "")),
  ]);

  expect(Object.fromEntries(documented)).toEqual({
    ...limits,
    CLOCK_TOLERANCE_S,
    DIAL_TIMEOUT_MS,
    DIAL_TOKEN_LIFETIME_S,
    HEALTHY_AFTER_MS,
    "LINK_BACKOFF.firstMs": LINK_BACKOFF.firstMs,
    "LINK_BACKOFF.maxMs": LINK_BACKOFF.maxMs,
    MAX_SAMPLE_BYTES,
  });
});

test("each limit has a unit and a reason", () => {
  const { rows } = tableOf("14. Limits", "name");

  expect(rows.filter((row) => row.length !== 5 || row.includes(""))).toEqual([]);
});

describe("the close codes", () => {
  const closes = tableOf("12. Close codes", "code").rows.map(
    ([code, name = "", _sentBy, _meaning, next = ""]) => ({
      code: Number(code),
      name: codeIn(name)[0],
      next: codeIn(next)[0],
    }),
  );

  test("are the code's, in name and number and next step", () => {
    const ours = Object.entries(CLOSE_CODES).map(([name, { code, next }]) => ({
      code,
      name,
      next,
    }));

    expect(closes).toEqual(ours);
  });

  test.each(closes)("$code makes the relay $next", ({ code, next }) => {
    const step = afterClose(code);
    const floorMs = next === "retry_later" ? 30_000 : 0;

    expect(step).toMatchObject(next === "stop" ? { type: "stop" } : { type: "retry", floorMs });
  });
});

describe("the answers to a dial", () => {
  const { rows } = tableOf("13. After a failed dial", "answer");
  const nextOf = (wanted: string) => rows.find(([answer]) => answer === wanted)?.[2];
  const CODES = [undefined, "unauthorized", "revoked", "suspended", "upgrade_required"];
  const answers = Array.from({ length: 500 }, (_, i) => i + 100).flatMap((status) =>
    CODES.map((refusal) => ({ status, refusal })),
  );
  const nameOf = ({ status, refusal }: (typeof answers)[number]) => `${status} \`${refusal}\``;
  const typeOf = (answer: (typeof answers)[number]) =>
    afterDialFailure({
      ...answer,
      type: "status",
      retryAfterMs: undefined,
      serverTimeMs: undefined,
    }).type;

  test("make the relay do what the table says, and those that are not in it do not stop it [W-1]", () => {
    const others = answers.filter(
      (answer) => `\`${typeOf(answer)}\`` !== (nextOf(nameOf(answer)) ?? nextOf("any other")),
    );

    expect(others).toEqual([]);
    expect(rows.filter(([, , next]) => next === "`stop`").map(([answer]) => answer)).toEqual(
      answers.filter((answer) => typeOf(answer) === "stop").map(nameOf),
    );
  });

  test("make the relay dial again where there is none [W-1]", () => {
    expect(nextOf("none")).toBe("`retry`");
    expect(afterDialFailure({ type: "unreachable", reason: "no route" }).type).toBe("retry");
  });
});

test("every error code is explained once", () => {
  const { rows } = tableOf("`cancel`, worker to relay", "code");
  const [rest = ""] = /\n\n([^|\n][^|]*) complete the list\./.exec(protocolProse)?.slice(1) ?? [];
  const explained = [...rows.flatMap(([code = ""]) => codeIn(code)), ...codeIn(rest)];

  expect(explained.toSorted()).toEqual(errorCodeSchema.options.toSorted());
});

test("every value of a closed list is named", () => {
  const schemas = [
    relayFrameSchema,
    workerFrameSchema,
    ...Object.values(METHODS).flatMap(({ params, result }) => [params, result]),
  ];
  const json = schemas.map((schema) => z.toJSONSchema(schema, { unrepresentable: "any" }));
  const lists = [...JSON.stringify(json).matchAll(/"(?:enum|const)":(\[[^\]]*\]|"[^"]*")/g)];
  const values = lists.flatMap(([, list = "[]"]) => JSON.parse(list));

  expect(values.length).toBeGreaterThan(40);
  expect(values.filter((value) => !codeIn(protocolProse).includes(value))).toEqual([]);
});

test("the history ends with the version of the code", () => {
  expect(tableOf("15. Versions", "version").rows.at(-1)?.[0]).toBe(String(LINK_VERSION));
  expect(protocolDocument).toContain(`# The link protocol, version ${LINK_VERSION}\n`);
});
