/** The configuration of `workerd serve`, as text. Pure. */
import { hostPort } from "#shared/net/host-port.ts";
import type { CallLimits } from "../settings/options.ts";
import type { WorkerSettings } from "../settings/worker-settings.ts";

export interface WorkerdConfig extends CallLimits {
  readonly settings: WorkerSettings;
  /** By class name. */
  readonly uniqueKeys: Readonly<Record<string, string>>;
  /** File of the bundle, relative to the configuration. */
  readonly bundle: string;
  /** Folder of the objects' databases. */
  readonly storageFolder: string;
  readonly host: string;
  readonly port: number;
  readonly tokenPort: number;
  readonly publicUrl: string;
  readonly tokenUrl: string;
  readonly adminTokenSha256: string;
  readonly metricsTokenSha256: string | undefined;
  readonly trustedProxies: number;
  /** Names of variables that workerd takes from its own environment: they may be secret. */
  readonly fromEnvironment: readonly string[];
  /** workerd's `network.allow`: nothing, `public`, or addresses. */
  readonly egress: readonly string[];
}

export function toWorkerdConfig(config: WorkerdConfig): string {
  const { settings, uniqueKeys, host, port, tokenPort } = config;
  const { bindings } = settings.durable_objects;
  const classes = bindings.map(
    ({ class_name }) =>
      `(className = ${quote(class_name)}, uniqueKey = ${quote(uniqueKeys[class_name] ?? "")}, enableSql = true)`,
  );
  const objects = bindings.map(
    ({ name, class_name }) =>
      `(name = ${quote(name)}, durableObjectNamespace = ${quote(class_name)})`,
  );
  const texts = Object.entries({
    PUBLIC_URL: config.publicUrl,
    TOKEN_URL: config.tokenUrl,
    ADMIN_TOKEN_SHA256: config.adminTokenSha256,
    ...(config.metricsTokenSha256 === undefined
      ? {}
      : { METRICS_TOKEN_SHA256: config.metricsTokenSha256 }),
    CALLS_PER_MINUTE: String(config.callsPerMinute),
    CALLS_IN_FLIGHT: String(config.callsInFlight),
    RELAY_CALLS_PER_MINUTE: String(config.relayCallsPerMinute),
    TEAM_CALLS_PER_DAY: String(config.teamCallsPerDay),
    TEAM_BYTES_PER_DAY: String(config.teamBytesPerDay),
    TRUSTED_PROXIES: String(config.trustedProxies),
    // Anybody who names an address has it fetched, so only if the Worker may connect to any public host.
    CLIENT_METADATA_DOCUMENTS: config.egress.includes("public") ? "1" : "0",
  }).map(([name, text]) => `(name = ${quote(name)}, text = ${quote(text)})`);
  const taken = config.fromEnvironment.map(
    (name) => `(name = ${quote(name)}, fromEnvironment = ${quote(name)})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "state", disk = (path = ${quote(config.storageFolder)}, writable = true)),
    (name = "internet", network = (allow = [${config.egress.map(quote).join(", ")}], tlsOptions = (trustBrowserCas = true))),
  ],
  sockets = [
    (name = "main", address = ${quote(hostPort(host, port))}, http = (), service = "main"),
    (name = "token", address = ${quote(hostPort(host, tokenPort))}, http = (), service = "main"),
  ],
);

const main :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed ${quote(config.bundle)})],
  compatibilityDate = ${quote(settings.compatibility_date)},
  compatibilityFlags = [${settings.compatibility_flags.map(quote).join(", ")}],
  durableObjectNamespaces = [
    ${classes.join(",\n    ")},
  ],
  durableObjectStorage = (localDisk = "state"),
  bindings = [
    ${[...objects, ...texts, ...taken].join(",\n    ")},
  ],
  globalOutbound = "internet",
);
`;
}

/** Cap'n Proto's text escapes are C's; JSON's are the same for everything that occurs here. */
function quote(text: string): string {
  return JSON.stringify(text);
}
