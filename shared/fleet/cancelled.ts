import { failure } from "../failure.ts";

export const CANCELLED = failure(
  "cancelled",
  "The caller went away before there was an answer. Nothing was changed.",
);
