/** Fields that several methods share. */
import * as z from "zod/mini";
import { MAX_KEY_LENGTH } from "../limits.ts";

export const count = z.number().check(z.int(), z.minimum(0));

/** A record key, or a type name that only one record has. */
export const recordName = z.string().check(z.minLength(1), z.maxLength(MAX_KEY_LENGTH));

/** How much the samples or values of one answer may take; the caller fits them to its own size. */
export const maxBytes = z.number().check(z.int(), z.minimum(1), z.maximum(200_000));
