/** What is said of something that is not there, wherever it was looked for. */
import { failure } from "../failure.ts";

export const UNKNOWN_INSTANCE = failure(
  "unknown_instance",
  "There is no such instance. Call discover_instances.",
);
export const UNKNOWN_CALL = failure("unknown_call", "There is no write with this call id.");
