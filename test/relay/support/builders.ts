/** Valid values, with what a test is about put over them. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { DEFAULT_CONFIG, type Config } from "../../../relay/config.ts";
import type { Identity } from "../../../relay/identity/identity.ts";

export function rowOf(record_key: string, more: Partial<RecordRow> = {}): RecordRow {
  return {
    record_key,
    type_name: `host::${record_key}`,
    type_id: "TypeId(0x1)",
    buffer_type: "single_latest",
    writable: true,
    ...more,
  };
}

/** Everything open: what is under test closes something. */
export function configOf(more: Partial<Config> = {}): Config {
  return {
    ...DEFAULT_CONFIG,
    writableRecords: [{ record: "*" }],
    confirmWrites: "never",
    ...more,
  };
}

export function identityOf(more: Partial<Identity> = {}): Identity {
  return {
    relay: "gateway",
    relay_id: "ab".repeat(32),
    installation: "installation-1",
    team: { id: "t1", name: "Plant" },
    link_url: "wss://aimdb.example.com/relay",
    ...more,
  };
}
