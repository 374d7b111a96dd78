/** The whole product as it is run, with a real host and weather between relay and worker. */
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { relayStatusSchema } from "../../relay/control/relay-status.ts";
import { waitFor } from "../../worker/selfhost/process/wait-for.ts";
import { realHost, type Host } from "../support/hosts/hosts.ts";
import { connectClient, connectConfirming, type ConnectedClient } from "../support/clients/mcp.ts";
import { NpmProcess, WITHOUT_CALL_LIMITS } from "../support/processes/npm-process.ts";
import { pause } from "../support/pause.ts";
import { commandOf, descendantsOf, parentOf } from "../support/processes/process-tree.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { untilStatus } from "../support/processes/test-bed.ts";
import { sendAdmin, UNCONFIRMED_WRITES } from "../support/clients/admin-api.ts";
import { Person } from "./confirming.ts";
import { FaultProxy } from "./fault-proxy.ts";
import type { HostRun } from "./counting.ts";
import { brokenPromises } from "./ledger.ts";
import { connectionsFrom, connectionsTo, leftBehind, type State } from "./leftovers.ts";
import { openDatabases } from "./open-databases.ts";
import { Traffic } from "./traffic.ts";

export const INSTANCE = "gw/plant";
export const CONFIRMED_WRITES = {
  ...UNCONFIRMED_WRITES,
  rules: [{ record: "*", confirm: "client" }],
};
const PERIOD_MS = 50;
/** Workerd takes an idle object out of memory after ten seconds; what one told another on its way comes on top. */
const ASLEEP_WITHIN_MS = 40_000;
const ASKED_WITHIN_MS = 60_000;
/** A connection whose other end is gone is found after two heartbeats. */
const GONE_WITHIN_MS = 30_000;

interface RealHost {
  readonly binary: string;
  readonly protocol: "1.0" | "3.0";
}

/** Its host is the first. */
export interface FaultBedOptions extends RealHost {
  /** Of another AimX, which may take its place. */
  readonly replacement?: RealHost | undefined;
  /** Of its producer. */
  readonly periodMs?: number;
  /** In the relay's file, beside what every one of these has. */
  readonly config?: Record<string, unknown>;
  /** Where the relay keeps its state; in the bed's own folder unless named. */
  readonly stateFolder?: string | undefined;
  /** What runs the relay in place of Node itself. */
  readonly node?: string;
  /** Of a caller; none unless given. */
  readonly callsInFlight?: number;
  /** Of their environments. */
  readonly relayVariables?: Readonly<Record<string, string>> | undefined;
  readonly workerVariables?: Record<string, string> | undefined;
}

interface StartLine {
  readonly mcpUrl: string;
  readonly adminToken: string;
  readonly pids: { worker: number };
}

function askApi(line: StartLine, method: string, path: string, body: unknown): Promise<Response> {
  return sendAdmin(new URL(`/api/v1/${path}`, line.mcpUrl), method, body, line.adminToken);
}

export class FaultBed {
  readonly folder: string;
  readonly proxy: FaultProxy;
  readonly relay: RelayProcess;
  readonly #server: NpmProcess;
  readonly #line: StartLine;
  /** Starts workerd, and again when it ended. */
  readonly #supervisorPid: number;
  readonly #token: string;
  /** Another service's, with the same rights. */
  readonly #otherToken: string;
  readonly #options: FaultBedOptions;
  /** The host that is there, or comes next. */
  #real: RealHost;
  /** Every process of it that ran. */
  readonly #hosts: Host[] = [];
  readonly #runs: HostRun[] = [];
  /** Access tokens. */
  readonly #revoked: string[] = [];

  private constructor(
    options: FaultBedOptions,
    parts: {
      folder: string;
      proxy: FaultProxy;
      relay: RelayProcess;
      server: NpmProcess;
      line: StartLine;
      token: string;
      otherToken: string;
    },
  ) {
    this.#options = options;
    this.#real = options;
    this.folder = parts.folder;
    this.proxy = parts.proxy;
    this.relay = parts.relay;
    this.#server = parts.server;
    this.#line = parts.line;
    this.#supervisorPid = parentOf(parts.line.pids.worker);
    this.#token = parts.token;
    this.#otherToken = parts.otherToken;
  }

  static async open(options: FaultBedOptions): Promise<FaultBed> {
    const folder = await mkdtemp(join(tmpdir(), "aimdb-faults-"));
    const { relayVariables, workerVariables, callsInFlight = 0 } = options;
    const args = [
      "--port",
      "0",
      "--json",
      "--state",
      join(folder, "state"),
      ...WITHOUT_CALL_LIMITS,
    ];
    args.push(`--calls-in-flight=${callsInFlight}`);
    const server = new NpmProcess("start", args, workerVariables);
    const line = await server.firstLine<StartLine>();
    const ask = async (method: string, path: string, body: unknown) =>
      (await (await askApi(line, method, path, body)).json()) as Record<string, string>;
    await ask("PUT", "write-policy", UNCONFIRMED_WRITES);
    const scopes = ["aimdb:read", "aimdb:write"];
    const { token = "" } = await ask("POST", "access-tokens", { scopes });
    const { token: otherToken = "" } = await ask("POST", "access-tokens", { scopes });
    const { token: joinToken = "" } = await ask("POST", "join-tokens", {});
    const url = new URL("/", line.mcpUrl);
    if (options.stateFolder !== undefined) {
      await mkdir(join(folder, "relay"));
      await symlink(options.stateFolder, join(folder, "relay", "state"));
    }
    const relay = await RelayProcess.enroll(
      {
        folder: join(folder, "relay"),
        name: "gw",
        ...(options.node === undefined ? {} : { node: options.node }),
        ...(relayVariables === undefined ? {} : { variables: relayVariables }),
        config: {
          allowed_sockets: [join(folder, "plant.sock")],
          writable_records: ["device.command"],
          confirm_writes: false,
          rate_limit: 0,
          ...options.config,
        },
      },
      { url, joinToken },
    );
    const proxy = new FaultProxy(url);
    await proxy.lead(join(folder, "relay", "state", "identity.json"));
    const bed = new FaultBed(options, {
      folder,
      proxy,
      relay,
      server,
      line,
      token,
      otherToken,
    });
    await bed.startHost();
    relay.start();
    const client = await bed.connect();
    await untilStatus(client, INSTANCE, "up");
    await client.close();
    return bed;
  }

  get socketPath(): string {
    return join(this.folder, "plant.sock");
  }

  async startHost(): Promise<void> {
    const { binary, protocol } = this.#real;
    this.#runs.push({ startedMs: performance.now() });
    this.#hosts.push(await realHost(binary, protocol).start(this.socketPath, this.#periodMs));
  }

  /** The other one starts at the same path, and is the host from now on; the same where there is no other. */
  async replaceHost(): Promise<void> {
    const { replacement = this.#options } = this.#options;
    this.#real = this.#real === replacement ? this.#options : replacement;
    await this.startHost();
  }

  /** Its socket file stays. */
  async killHost(): Promise<void> {
    await this.host.kill();
    const { startedMs = 0 } = this.#runs.pop() ?? {};
    this.#runs.push({ startedMs, endedMs: performance.now() });
  }

  get #periodMs(): number {
    return this.#options.periodMs ?? PERIOD_MS;
  }

  get host(): Host {
    const host = this.#hosts.at(-1);
    if (host === undefined) throw new Error("No host was started");
    return host;
  }

  connect(token = this.#token): Promise<ConnectedClient> {
    return connectClient(new URL(this.#line.mcpUrl), token);
  }

  /** As the team's owner, until it is answered and done. */
  async ask(method: string, path: string, body?: unknown): Promise<Response> {
    const asked = await waitFor(ASKED_WITHIN_MS, async () => {
      const answer = await askApi(this.#line, method, path, body).catch(() => undefined);
      // Of an answer that was lost, the next one says that nothing is there.
      const isGone = method === "DELETE" && answer?.status === 404;
      return answer?.ok === true || isGone ? answer : undefined;
    });
    if (asked === undefined) throw new Error(`${method} ${path} is not answered`);
    return asked;
  }

  /** A caller of its own writes, and its token is revoked meanwhile: what it is told is kept with the others. */
  async revokeMidWrite(traffic: Traffic): Promise<void> {
    const scopes = ["aimdb:read", "aimdb:write"];
    const made = await this.ask("POST", "access-tokens", { scopes });
    const { id, token } = (await made.json()) as { id: string; token: string };
    const client = await waitFor(ASKED_WITHIN_MS, () => this.connect(token).catch(() => undefined));
    const written = client === undefined ? undefined : traffic.writeBy(client);
    await this.ask("DELETE", `access-tokens/${id}`);
    await written;
    await client?.close().catch(() => {});
    this.#revoked.push(token);
  }

  /** A caller whose person is asked about each write. */
  connectConfirming(decide: () => Promise<boolean>): Promise<ConnectedClient> {
    return connectConfirming(new URL(this.#line.mcpUrl), this.#otherToken, decide);
  }

  /** The team wants each write confirmed for a while: one caller has a person who is asked, the others none. */
  async confirmWrites(traffic: Traffic, lastsMs: number): Promise<void> {
    const untilMs = performance.now() + lastsMs;
    await this.ask("PUT", "write-policy", CONFIRMED_WRITES);
    const person = new Person((decide) => this.connectConfirming(decide));
    await person.write(traffic, untilMs);
    await pause(untilMs - performance.now());
    await this.ask("PUT", "write-policy", UNCONFIRMED_WRITES);
  }

  /** What is there still of what the faults and the traffic made; it has a while to go. */
  async leftBehind(): Promise<string[]> {
    let left: string[] = [];
    await waitFor(GONE_WITHIN_MS, async () => {
      left = await this.#leftNow();
      return left.length === 0 ? true : undefined;
    });
    return left;
  }

  async #leftNow(): Promise<string[]> {
    const told = await this.relay.command(["status", "--json"]).catch(() => undefined);
    if (told === undefined) return ["the relay has no link"];
    const { relays } = (await (await this.ask("GET", "relays")).json()) as Pick<State, "relays">;
    this.proxy.giveUp();
    return leftBehind({
      relay: relayStatusSchema.parse(JSON.parse(told)),
      relays,
      linkEnds: this.proxy.relayEnds,
      workerLinkEnds: connectionsFrom(
        this.proxy.onwardPorts,
        Number(new URL(this.#line.mcpUrl).port),
      ),
      hostConnections: connectionsTo(this.socketPath),
      acceptedTokens: await this.#stillAccepted(),
    });
  }

  /** How often the relay was asked for what is new, since it started. */
  async watchesAtDevice(): Promise<number> {
    const told = await this.relay.command(["status", "--json"]);
    const { counts } = relayStatusSchema.parse(JSON.parse(told));
    const watch = counts.calls.find(({ name }) => name === "samples.watch");
    return watch?.outcomes.reduce((sum, { times }) => sum + times, 0) ?? 0;
  }

  async #stillAccepted(): Promise<number> {
    const asked = this.#revoked.map((token) =>
      this.connect(token).then(
        (client) => client.close().then(() => 1),
        () => 0,
      ),
    );
    return (await Promise.all(asked)).reduce((sum, one) => sum + one, 0);
  }

  /** What the worker wrote so far, and what runs it. */
  get errors(): string {
    return this.#server.errors;
  }

  /** SIGKILL to workerd; what runs it starts it again. */
  async killWorker(): Promise<void> {
    process.kill(this.#workerPid(), "SIGKILL");
    const isBack = () =>
      fetch(new URL("/health", this.#line.mcpUrl)).then(
        ({ ok }) => ok || undefined,
        () => undefined,
      );
    await waitFor(2_000, async () => ((await isBack()) === undefined ? true : undefined));
    if ((await waitFor(20_000, isBack)) === undefined) throw new Error("The worker stays away");
  }

  /** It reads nothing and answers nothing meanwhile. */
  async hangWorker(lastsMs: number): Promise<void> {
    const pid = this.#workerPid();
    process.kill(pid, "SIGSTOP");
    await pause(lastsMs);
    process.kill(pid, "SIGCONT");
  }

  /** Until no object is in memory; false if one stays. */
  async sleeps(): Promise<boolean> {
    const isAsleep = async () => openDatabases(this.#workerPid()).length === 0 || undefined;
    return (await waitFor(ASLEEP_WITHIN_MS, isAsleep)) ?? false;
  }

  /** Another than at the start where it was killed before. */
  #workerPid(): number {
    const isWorker = (pid: number) => commandOf(pid).endsWith("/workerd");
    const pid = descendantsOf(this.#supervisorPid).find(isWorker);
    if (pid === undefined) throw new Error("No workerd runs");
    return pid;
  }

  /** Traffic before, through and after `fault`; what it found broken. */
  async through(
    fault: (traffic: Traffic) => Promise<unknown>,
    { within = 60_000 } = {},
  ): Promise<string[]> {
    const already = this.#taken().length;
    const url = new URL("/", this.#line.mcpUrl);
    const traffic = new Traffic({
      url,
      token: this.#token,
      instance: INSTANCE,
      connect: () => this.connect(),
      another: { token: this.#otherToken, connect: () => this.connect(this.#otherToken) },
    });
    traffic.start();
    try {
      await traffic.flows();
      await fault(traffic);
      await traffic.flows(5, within);
    } finally {
      await traffic.stop();
    }
    const { writes, reads, heard, ended } = traffic;
    // What the application printed last is on its way here.
    await waitFor(500, async () => undefined);
    const taken = this.#taken().slice(already);
    const producer = { periodMs: this.#periodMs, runs: this.#runs };
    return brokenPromises({ writes, reads, heard, ended, taken, producer });
  }

  async close(): Promise<void> {
    await this.proxy.close();
    await this.relay.stop();
    await this.#server.end("npm").catch(() => {});
    await Promise.all(this.#hosts.map((host) => host.stop()));
    await rm(this.folder, { recursive: true, force: true });
  }

  #taken(): number[] {
    return this.#hosts
      .flatMap((host) => host.commandsTaken())
      .flatMap((text) => /^fault (\d+)$/.exec(text)?.[1] ?? [])
      .map(Number);
  }
}

/** Node with its wall clock an hour off, its monotonic one as it is. */
export async function nodeOff(folder: string, offset: string): Promise<string> {
  const path = join(folder, "node-off");
  const script = `#!/bin/sh\nFAKETIME_DONT_FAKE_MONOTONIC=1 exec faketime -f '${offset}' ${process.execPath} "$@"\n`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}
