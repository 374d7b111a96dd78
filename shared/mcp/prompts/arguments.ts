/** Arguments that several prompts take; both are completed. */
import type { PromptArgument } from "@modelcontextprotocol/server";

export const INSTANCE_ARGUMENT: PromptArgument = {
  name: "instance",
  description: 'Instance id, such as "gw-1/plant". Left out: every instance that fits.',
  required: false,
};

export const RECORD_ARGUMENT: PromptArgument = {
  name: "record_name",
  description: 'Record key, such as "sensor.temp".',
  required: true,
};

export const OPTIONAL_RECORD_ARGUMENT: PromptArgument = { ...RECORD_ARGUMENT, required: false };
