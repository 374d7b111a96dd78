/** Bindings and settings of the Worker (wrangler.toml; self-hosted: worker/selfhost). */
import type { OtlpVariables } from "#shared/trace/otlp-settings.ts";
import type { AccountRpc } from "./account/rpc.ts";
import type { DirectoryRpc } from "./directory/rpc.ts";
import type { ShardRpc } from "./oauth/storage/shard-rpc.ts";
import type { ObjectNamespace } from "./object-namespace.ts";
import type { OpenIdVariables } from "./openid/settings.ts";
import type { RelayRpc } from "./relay/rpc.ts";
import type { TeamRpc } from "./team/rpc.ts";

export interface Env extends OpenIdVariables, OtlpVariables {
  readonly DIRECTORY: ObjectNamespace<DirectoryRpc>;
  readonly ACCOUNT: ObjectNamespace<AccountRpc>;
  readonly TEAM: ObjectNamespace<TeamRpc>;
  readonly RELAY: ObjectNamespace<RelayRpc>;
  readonly OAUTH_SHARD: ObjectNamespace<ShardRpc>;
  /** The one canonical origin, e.g. `https://aimdb.example.com`. Never taken from a request. */
  readonly PUBLIC_URL: string;
  /** The origin without OAuth discovery; default: `token.` before the public host. */
  readonly TOKEN_URL?: string;
  /**
   * Gives access to `/api/v1`; at least 32 characters. Or its SHA-256 in hex, so that the secret is not stored.
   */
  readonly ADMIN_TOKEN?: string;
  readonly ADMIN_TOKEN_SHA256?: string;
  /** Gives access to `/metrics` and `/ready` only; at least 32 characters. Or its SHA-256 in hex. */
  readonly METRICS_TOKEN?: string;
  readonly METRICS_TOKEN_SHA256?: string;
  /** "1": a client id may be the address of a metadata document, which the Worker then fetches. */
  readonly CLIENT_METADATA_DOCUMENTS?: string;
  /** The issuer whose JWTs are accepted as access tokens: JSON (worker/external/settings.ts). */
  readonly EXTERNAL_ISSUER?: string;
  /** Per principal at /mcp; 0 is no limit (worker/mcp/caller/caller-limits.ts). */
  readonly CALLS_PER_MINUTE?: string;
  readonly CALLS_IN_FLIGHT?: string;
  /** Per principal and relay; 0 is no limit (worker/relay/calls/call-rates.ts). */
  readonly RELAY_CALLS_PER_MINUTE?: string;
  /** Per team and UTC day; 0, the default, is no limit (worker/team/metrics/daily-use.ts). */
  readonly TEAM_CALLS_PER_DAY?: string;
  readonly TEAM_BYTES_PER_DAY?: string;
  /** Per relay: links that end right after they began; 0 is no limit (worker/relay/dial/short-links.ts). */
  readonly SHORT_LINKS_PER_MINUTE?: string;
  /** How many reverse proxies stand before the self-hosted Worker; 0 is none (worker/http/client-address.ts). */
  readonly TRUSTED_PROXIES?: string;
  /** "1": internal errors carry their cause. */
  readonly AIMDB_DEV?: string;
}
