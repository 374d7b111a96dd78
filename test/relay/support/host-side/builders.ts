/** Valid values, with what a test is about put over them. */
import type { RecordRow } from "#shared/aimx/record-row.ts";
import { DEFAULT_CONFIG, type Config } from "../../../../relay/config.ts";
import {
  toDependencyGraph,
  type DependencyGraph,
  type HostGraph,
} from "../../../../relay/instances/reading/dependency-graph.ts";
import type { Identity } from "../../../../relay/identity/identity.ts";

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

/** Records that nothing feeds and nothing reads. */
export function graphOf(keys: readonly string[], more: Partial<HostGraph> = {}): DependencyGraph {
  const nodes = keys.map((key) => ({
    key,
    origin: "passive",
    buffer_type: "single_latest" as const,
    tap_count: 0,
    has_outbound_link: false,
  }));
  return toDependencyGraph({ nodes, edges: [], order: [...keys], ...more }, []);
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
