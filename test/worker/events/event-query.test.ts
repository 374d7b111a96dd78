import { expect, test } from "vitest";
import { readEventsQuery } from "../../../worker/events/event-query.ts";
import { MAX_POSITION_LENGTH } from "../../../worker/events/limits.ts";

const read = (query: string, header: string | null = null) =>
  readEventsQuery(new URLSearchParams(query), header);

test("a query names records and whether presence is wanted", () => {
  expect(read("record=gw/plant/a.b&record=gw-2/x/c/d::e&presence=false")).toEqual({
    ok: true,
    value: {
      records: [
        { instance: "gw/plant", record: "a.b" },
        { instance: "gw-2/x", record: "c/d::e" },
      ],
      presence: false,
      lastEventId: undefined,
    },
  });
});

test("without parameters it is presence alone", () => {
  expect(read("")).toMatchObject({ ok: true, value: { records: [], presence: true } });
});

test("a record that is named twice is one", () => {
  expect(read("record=gw/a/b&record=gw/a/b")).toMatchObject({ value: { records: [{}] } });
});

test.each([
  ["", "abc", "abc"],
  ["last_event_id=def", null, "def"],
  ["last_event_id=def", "abc", "abc"],
  ["", "", undefined],
])("of %s and the header %s the last event is %s", (query, header, lastEventId) => {
  expect(read(query, header)).toMatchObject({ ok: true, value: { lastEventId } });
});

test.each([
  ["token=secret"],
  ["presence=yes"],
  ["presence=false"],
  ["record=sensor.temp"],
  ["record=gw/plant"],
  ["record=gw/plant/"],
  ["record=GW/plant/a"],
  [`record=gw/plant/${"k".repeat(257)}`],
  [Array.from({ length: 65 }, (_, i) => `record=gw/a/r${i}`).join("&")],
  [Array.from({ length: 17 }, (_, i) => `record=gw/a${i}/r`).join("&")],
  [`last_event_id=${"x".repeat(MAX_POSITION_LENGTH + 1)}`],
])("the query %s is refused", (query) => {
  expect(read(query).ok).toBe(false);
});
