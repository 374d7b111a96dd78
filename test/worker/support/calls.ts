/** Calls of a relay object as the Worker makes them, with deadlines that suit a test. */
import { randomHex } from "../../../worker/auth/secret.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import type { CallRequest, CallResult, WriteCall, WriteResult } from "../../../worker/relay/rpc.ts";
import { relayOf } from "../../../worker/relay/stub.ts";
import type { Device } from "./device.ts";
import { bindings } from "./worker.ts";

export function call(
  { relay_id }: Pick<Device, "relay_id">,
  principal: Principal,
  change: Partial<CallRequest> = {},
): Promise<CallResult> {
  return relayOf(bindings, relay_id).call({
    principal,
    id: randomHex(16),
    instance: "plant",
    method: "record.get",
    params: { record: "sensor.temp" },
    deadlineMs: 2_000,
    ...change,
  });
}

export function write(
  { relay_id }: Pick<Device, "relay_id">,
  principal: Principal,
  change: Partial<WriteCall> = {},
): Promise<WriteResult> {
  return relayOf(bindings, relay_id).write({ ...writeCall(principal), ...change });
}

export function writeCall(principal: Principal): WriteCall {
  return {
    principal,
    id: randomHex(16),
    instance: "plant",
    record: "sensor.temp",
    value: 1,
    isDryRun: false,
    skipsValidation: false,
    asks: { form: false, url: false },
  };
}
