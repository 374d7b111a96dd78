/** The tool calls of a recorded session: each kind of question that a worker asks a relay, one behind the other. */
import type { ToolCall } from "./link-session.ts";

const MOVING = "sensor.temp";
const WRITTEN = "app.settings";

function call(name: string, arguments_: Record<string, unknown> = {}): ToolCall {
  return { name, arguments: arguments_ };
}

export const CALLS: readonly ToolCall[] = [
  call("discover_instances"),
  call("get_instance_info", { instance: "gw/plant" }),
  call("list_records"),
  call("get_record", { record_name: WRITTEN }),
  call("get_record", { record_name: "no.such" }),
  call("query_schema", { record_name: MOVING }),
  call("drain_record", { record_name: MOVING }),
  call("subscribe_record", { record_name: MOVING, duration_seconds: 5, max_events: 1 }),
  call("query_history", { record_name: MOVING, max_points: 3 }),
  call("set_record", { record_name: WRITTEN, value: { log_level: "debug", max: 7 } }),
  call("set_record", { record_name: WRITTEN, value: { log_level: 7 } }),
  call("set_record", { record_name: "app.readonly", value: {} }),
  call("get_graph"),
  call("get_diagnostics"),
  call("snapshot"),
  call("reset_diagnostics", { what: "buffer_metrics" }),
];
