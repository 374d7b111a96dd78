import * as z from "zod/mini";
import type { RecordSchema } from "../../fleet/fleet.ts";
import type { JsonObject } from "../../json/json.ts";
import { MAX_TYPE_NAME_LENGTH } from "../../link/limits.ts";
import { ok } from "../../result.ts";
import { acrossOutput, askAcross, type Target } from "../asking/across.ts";
import { byteLength, fittingPrefix, fittingValue, maxBytesInput } from "../answers/fit.ts";
import { MAX_REASON_LENGTH } from "../limits.ts";
import { presentable, presentableText } from "../answers/presentable.ts";
import { presentableKey, recordNameInput } from "../asking/record-name.ts";
import { instanceInput, selectInstances, socketInput } from "../asking/targets.ts";
import { defineTool } from "../tool.ts";

export const querySchema = defineTool({
  name: "query_schema",
  title: "Get a record's schema",
  description:
    "Returns the JSON Schema of a record's values, inferred from the samples seen (AimDB provides none): fields, types, units if known. inferred_from says from how many samples and since when, guessed lists what may be wrong. Use it before set_record, or to learn what fields mean.",
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: false,
  },
  input: z.strictObject({
    record_name: recordNameInput,
    instance: instanceInput,
    socket: socketInput,
    include_example: z.optional(
      z.boolean().check(z.describe("Include an observed value. Default true.")),
    ),
    max_bytes: maxBytesInput,
  }),
  output: z.looseObject({
    ...acrossOutput,
    record_name: z.optional(z.string()),
    schema: z.optional(z.unknown()),
    inferred_from: z.optional(z.looseObject({})),
    guessed: z.optional(z.array(z.string())),
  }),
  run: async ({ record_name, instance, socket, include_example = true, max_bytes }, { fleet }) => {
    const selected = await selectInstances(fleet, { instance, socket, record: record_name });
    if (!selected.ok) return selected;
    const query = { record: record_name, includeExample: include_example };
    return askAcross(selected.value, {
      maxBytes: max_bytes,
      minShareBytes: MIN_SHARE_BYTES,
      ask: async (target) => {
        const answer = await fleet.schema(target.instance, query);
        return answer.ok ? ok(toOutput(answer.value, target)) : answer;
      },
    });
  },
});

const MIN_SHARE_BYTES = 800;

function toOutput(
  { recordKey, typeName, schema, sampleCount, since, guessed, example }: RecordSchema,
  { maxBytes, instance }: Target,
): JsonObject {
  const about = {
    record_name: presentableKey(recordKey),
    type_name: presentableText(typeName, MAX_TYPE_NAME_LENGTH),
    inferred_from: { samples: sampleCount, since: since === null ? null : presentableText(since) },
    ...(sampleCount === 0 ? { note: NO_SAMPLES } : {}),
  };
  const guesses = guessed.map((guess) => presentableText(guess, MAX_REASON_LENGTH));
  const shownGuesses = fittingPrefix(guesses, maxBytes / 4, 0);
  const head = { ...about, guessed: shownGuesses };
  const left = maxBytes - byteLength(head) - FRAME_BYTES;
  const shown = fittingValue(presentable(schema), left, () => adviceFor(instance));
  const { value, value_truncated } = shown;
  const output = {
    ...head,
    schema: value ?? null,
    ...(value_truncated === undefined ? {} : { schema_truncated: value_truncated }),
    ...(shownGuesses.length < guesses.length
      ? { guessed_left_out: guesses.length - shownGuesses.length }
      : {}),
  };
  return { ...output, ...withExample(example, maxBytes - byteLength(output)) };
}

/** The field names of `schema`, its truncation and what was left out. */
const FRAME_BYTES = 100;

const NO_SAMPLES = "No value was seen yet: the schema is only what the type's name suggests.";

function adviceFor(instance: string): string {
  return `Ask for ${presentableText(instance)} alone with max_bytes 48000.`;
}

function withExample(example: RecordSchema["example"], maxBytes: number): JsonObject {
  if (example === undefined) return {};
  const { timestamp, ageMs } = example;
  const about = { example_at: presentableText(timestamp), example_age_ms: Math.round(ageMs) };
  const shown = { example: presentable(example.value), ...about };
  const tooLong = { example_note: "The example does not fit: use get_record." };
  if (byteLength(shown) <= maxBytes) return shown;
  return byteLength(tooLong) <= maxBytes ? tooLong : {};
}
