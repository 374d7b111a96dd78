import { describe, expect, test } from "vitest";
import { callTool, listTools } from "../support/call-tool.ts";
import { FakeFleet } from "../support/fake-fleet.ts";
import { plant } from "../support/plant.ts";

describe("arguments that a tool does not have", () => {
  test("a misspelt dry_run does not write", async () => {
    const fleet = new FakeFleet();
    const write = { record_name: "sensor.temp", instance: "gw-1/plant", value: 1, dryRun: true };

    const { isError, json } = await callTool(fleet, "set_record", write);

    expect(isError).toBe(true);
    expect(json.error).toEqual({
      code: "invalid_input",
      message:
        "Invalid arguments. dryRun: there is no such argument. The arguments are: record_name, value, instance, socket, dry_run, expected, idempotency_key, skip_validation.",
    });
    expect(fleet.asked).toEqual([]);
  });

  test("a span in other words is not left out in silence", async () => {
    const call = { record_name: "sensor.temp", since: "5m" };

    const { json } = await callTool(new FakeFleet([plant()]), "query_history", call);

    expect(json.error.message).toContain("since: there is no such argument. The arguments are: ");
    expect(json.error.message).toContain("last_seconds");
  });

  test("what is missing is said beside what was given for it", async () => {
    const { json } = await callTool(new FakeFleet(), "get_record", { record: "sensor.temp" });

    expect(json.error.message).toBe(
      "Invalid arguments. record_name: is missing, must be a string, or must be an array; record: there is no such argument. The arguments are: record_name, instance, socket, max_bytes.",
    );
  });

  test("a long list of long names makes no long answer", async () => {
    const names = Array.from({ length: 90 }, (_, i) => [`${i}${"x".repeat(2_000)}`, 1]);

    const { text } = await callTool(new FakeFleet(), "list_records", Object.fromEntries(names));

    expect(text.length).toBeLessThan(1_000);
    expect(text).toContain("The arguments are: instance,");
  });

  test("every tool says that there are no others", async () => {
    const { tools } = await listTools(new FakeFleet());

    const open = tools.filter(({ inputSchema }) => inputSchema.additionalProperties !== false);

    expect(open.map(({ name }) => name)).toEqual([]);
  });
});
