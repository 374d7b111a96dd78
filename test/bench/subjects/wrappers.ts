/** (b) supergateway, stateful, and (c) mcp-proxy: no tunnel, hence with the shorter way. */
import { projectPath } from "../../../worker/selfhost/project.ts";
import { claimPort } from "../../../worker/selfhost/settings/ports.ts";
import { Child } from "../child.ts";
import type { Subject } from "../subject.ts";
import { gatewaySubject, type OpenGateway } from "./gateway.ts";

const BIN = projectPath("test/bench/rivals/node_modules/.bin");
const SERVER = projectPath("test/bench/gateway/stdio-server.ts");

export function supergateway(socketPath: string): Subject {
  return gatewaySubject({
    name: "supergateway",
    // A session of its own starts a process for each connection: 163 of them at 64, and no answer.
    sharesSession: true,
    open: () =>
      openWrapper((port) => [
        `${BIN}/supergateway`,
        "--stdio",
        `${process.execPath} ${SERVER} ${socketPath}`,
        "--outputTransport",
        "streamableHttp",
        "--stateful",
        "--port",
        String(port),
        "--logLevel",
        "none",
      ]),
  });
}

export function mcpProxy(socketPath: string): Subject {
  return gatewaySubject({
    name: "mcp-proxy",
    sharesSession: false,
    open: () =>
      openWrapper((port) => [
        `${BIN}/mcp-proxy`,
        "--host",
        "127.0.0.1",
        "--port",
        String(port),
        "--server",
        "stream",
        "--no-eventStore",
        "--",
        process.execPath,
        SERVER,
        socketPath,
      ]),
  });
}

async function openWrapper(command: (port: number) => readonly string[]): Promise<OpenGateway> {
  const port = (await claimPort("127.0.0.1", 0)) ?? 0;
  const [program = "", ...args] = command(port);
  const child = new Child(process.execPath, [program, ...args]);
  await child.listening(port);
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    pids: { gateway: child.pid },
    close: () => child.end(),
  };
}
