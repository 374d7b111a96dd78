/** What every report of a write to the first instance begins with. */
export const CALL_ID = "0123456789abcdef0123456789abcdef";
export const TIMESTAMP = "2026-11-20T10:00:00.000Z";

export const WRITE_HEAD = {
  callId: CALL_ID,
  instance: "gw-1/plant",
  record: "sensor.temp",
  timestamp: TIMESTAMP,
};
