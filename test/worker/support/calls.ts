/** Calls of a relay object as the Worker makes them, with deadlines that suit a test. */
import { randomHex } from "../../../worker/auth/secret.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import type { CallRequest, CallResult } from "../../../worker/relay/rpc.ts";
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
  device: Pick<Device, "relay_id">,
  principal: Principal,
  change: Partial<CallRequest> = {},
): Promise<CallResult> {
  const params = { record: "sensor.temp", value: 1 };
  return call(device, principal, { method: "record.set", params, ...change });
}
