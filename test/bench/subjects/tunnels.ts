/** (d) The SDK's server on the host behind a tunnel: what is assembled by hand today. */
import { spawnSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { projectPath } from "../../../worker/selfhost/project.ts";
import { freePort } from "../../support/processes/free-port.ts";
import { Child } from "../child.ts";
import type { Subject } from "../subject.ts";
import { gatewaySubject, type OpenGateway } from "./gateway.ts";

const SERVER = projectPath("test/bench/gateway/http-server.ts");

type OpenTunnel = (ports: { readonly server: number; readonly entry: number }) => Promise<{
  readonly pids: Readonly<Record<string, number>>;
  readonly close: () => Promise<void>;
}>;

export function sshTunnel(socketPath: string): Subject {
  return tunnelled("sdk+ssh", socketPath, openSsh);
}

export function chiselTunnel(socketPath: string): Subject {
  return tunnelled("sdk+chisel", socketPath, openChisel);
}

function tunnelled(name: string, socketPath: string, openTunnel: OpenTunnel): Subject {
  return gatewaySubject({
    name,
    sharesSession: false,
    open: () => open(socketPath, openTunnel),
  });
}

async function open(socketPath: string, openTunnel: OpenTunnel): Promise<OpenGateway> {
  const server = await freePort();
  const entry = await freePort();
  const http = new Child(process.execPath, [SERVER, socketPath, String(server)]);
  await http.listening(server);
  const tunnel = await openTunnel({ server, entry }).catch(async (error: unknown) => {
    await http.end();
    throw error;
  });
  return {
    url: new URL(`http://127.0.0.1:${entry}/mcp`),
    pids: { server: http.pid, ...tunnel.pids },
    close: async () => {
      await tunnel.close();
      await http.end();
    },
  };
}

/** A throwaway sshd with a key of its own; nothing of the user's ssh is read. */
const openSsh: OpenTunnel = async ({ server, entry }) => {
  const sshd = which("sshd", "apt-get install openssh-server");
  const folder = await mkdtemp(join(tmpdir(), "aimdb-bench-ssh-"));
  const port = await freePort();
  for (const key of ["host", "user"]) {
    spawnSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", join(folder, key)]);
  }
  const config = join(folder, "sshd_config");
  await writeFile(
    config,
    [
      `Port ${port}`,
      "ListenAddress 127.0.0.1",
      `HostKey ${join(folder, "host")}`,
      `AuthorizedKeysFile ${join(folder, "user.pub")}`,
      `PidFile ${join(folder, "pid")}`,
      "StrictModes no",
      "UsePAM no",
      "PasswordAuthentication no",
      "PermitRootLogin prohibit-password",
    ].join("\n"),
  );
  await chmod(join(folder, "user"), 0o600);
  // As root it changes into this folder, which a system without a running sshd lacks.
  if (process.getuid?.() === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const daemon = new Child(sshd, ["-D", "-e", "-f", config]);
  await daemon.listening(port);
  const client = new Child("ssh", [
    "-N",
    "-F",
    "none",
    "-p",
    String(port),
    "-i",
    join(folder, "user"),
    "-o",
    "IdentitiesOnly=yes",
    "-o",
    "BatchMode=yes",
    "-o",
    "StrictHostKeyChecking=no",
    "-o",
    "UserKnownHostsFile=/dev/null",
    "-R",
    `127.0.0.1:${entry}:127.0.0.1:${server}`,
    `${userInfo().username}@127.0.0.1`,
  ]);
  await client.listening(entry);
  return {
    pids: { sshd: daemon.pid, ssh: client.pid },
    close: async () => {
      await client.end();
      await daemon.end();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const openChisel: OpenTunnel = async ({ server, entry }) => {
  const chisel = which(
    "chisel",
    "apt-get install chisel, or go install github.com/jpillora/chisel@v1.11.5",
  );
  const port = await freePort();
  const far = new Child(chisel, [
    "server",
    "--reverse",
    "--host",
    "127.0.0.1",
    "--port",
    String(port),
  ]);
  await far.listening(port);
  const near = new Child(chisel, [
    "client",
    `http://127.0.0.1:${port}`,
    `R:127.0.0.1:${entry}:127.0.0.1:${server}`,
  ]);
  await near.listening(entry);
  return {
    pids: { chisel_server: far.pid, chisel_client: near.pid },
    close: async () => {
      await near.end();
      await far.end();
    },
  };
};

function which(program: string, remedy: string): string {
  const folders = ["/usr/bin", "/usr/sbin", "/usr/local/bin", join(homedir(), "go/bin")];
  const candidates = folders.map((folder) => join(folder, program));
  const found = candidates.find((path) => spawnSync(path, ["--help"]).error === undefined);
  if (found === undefined) throw new Error(`${program} is not installed (${remedy})`);
  return found;
}
