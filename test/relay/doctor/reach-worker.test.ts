import { writeFile } from "node:fs/promises";
import { createServer as createPlainServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { AddressInfo, Server } from "node:net";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { reachWorker } from "../../../relay/doctor/reach-worker.ts";
import {
  CERTIFICATE,
  CERTIFICATE_KEY,
  EXPIRED_CERTIFICATE,
  FUTURE_CERTIFICATE,
} from "../support/worker-side/certificate.ts";
import { startProxy } from "../support/worker-side/connect-proxy.ts";
import { hideProxy } from "../support/worker-side/hide-proxy.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

const NOW = "Fri, 20 Nov 2026 12:00:00 GMT";

beforeEach(hideProxy);

async function serve(server: Server): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const healthy: RequestListener = (request, response) => {
  const headers = { date: NOW, connection: "close" };
  response.writeHead(request.url === "/health" ? 200 : 404, headers).end();
};

async function secureWorker(cert = CERTIFICATE): Promise<{ port: number; caFile: string }> {
  const port = await serve(createSecureServer({ cert, key: CERTIFICATE_KEY }, healthy));
  const caFile = join(await freshFolder(), "ca.pem");
  await writeFile(caFile, cert);
  return { port, caFile };
}

const REACHED = { status: 200, serverTimeMs: Date.parse(NOW), failure: undefined };

describe("reachWorker comes through", () => {
  test("to a worker of this machine, and reads its time", async () => {
    const port = await serve(createPlainServer(healthy));
    const reach = await reachWorker(new URL(`ws://127.0.0.1:${port}/relay`), { caFile: undefined });
    expect(reach).toEqual({ proxy: undefined, address: undefined, tls: undefined, ...REACHED });
  });

  test("by name and TLS, with the operator's certificates", async () => {
    const { port, caFile } = await secureWorker();
    const reach = await reachWorker(new URL(`wss://localhost:${port}/relay`), { caFile });
    expect(reach).toMatchObject({
      address: "127.0.0.1",
      tls: { protocol: "TLSv1.3", validTo: expect.stringContaining("2120") },
      ...REACHED,
    });
  });

  test("a proxy, whose password it does not tell", async () => {
    const { port, caFile } = await secureWorker();
    const { url } = await startProxy(port);
    vi.stubEnv("HTTPS_PROXY", url.replace("http://", "http://ann:hunter2@"));
    const reach = await reachWorker(new URL("wss://worker.test/relay"), { caFile });
    expect(reach).toMatchObject({ proxy: new URL(url).host, ...REACHED });
    expect(JSON.stringify(reach)).not.toContain("hunter2");
  });
});

describe("reachWorker fails", () => {
  const failureOf = async (url: string) => {
    const { failure } = await reachWorker(new URL(url), { caFile: undefined });
    return failure;
  };

  test("at a name that is none", async () => {
    expect(await failureOf("wss://worker.invalid/relay")).toMatchObject({ stage: "dns" });
  });

  test.each(["ws://127.0.0.1:1/relay", "wss://localhost:1/relay"])(
    "at a port where nobody listens: %s",
    async (url) => {
      expect(await failureOf(url)).toMatchObject({ stage: "tcp" });
    },
  );

  test("at a certificate that is not trusted", async () => {
    const { port } = await secureWorker();
    expect(await failureOf(`wss://localhost:${port}/relay`)).toMatchObject({
      stage: "tls",
      reason: expect.stringContaining("self-signed"),
    });
  });

  test.each([
    [
      EXPIRED_CERTIFICATE,
      "CERT_HAS_EXPIRED",
      "the certificate has expired, by this device's clock",
    ],
    [
      FUTURE_CERTIFICATE,
      "CERT_NOT_YET_VALID",
      "the certificate is not valid yet, by this device's clock",
    ],
  ])("at a certificate of another time: %#", async (certificate, code, reason) => {
    const { port, caFile } = await secureWorker(certificate);
    const { failure } = await reachWorker(new URL(`wss://localhost:${port}/relay`), { caFile });
    expect(failure).toEqual({ stage: "tls", reason, code });
  });

  test("at a certificate for another name", async () => {
    const { port, caFile } = await secureWorker();
    vi.stubEnv("HTTPS_PROXY", (await startProxy(port)).url);
    const { failure } = await reachWorker(new URL("wss://other.test/relay"), { caFile });
    expect(failure).toMatchObject({ stage: "tls", code: "ERR_TLS_CERT_ALTNAME_INVALID" });
  });

  test("at a server that breaks off", async () => {
    const server = createPlainServer((request) => request.socket.destroy());
    const port = await serve(server);
    expect(await failureOf(`ws://127.0.0.1:${port}/relay`)).toMatchObject({ stage: "http" });
  });

  test("at a proxy that refuses", async () => {
    const { url } = await startProxy("refused");
    vi.stubEnv("HTTPS_PROXY", url);
    expect(await failureOf("wss://worker.test/relay")).toMatchObject({ stage: "proxy" });
  });

  test("at a proxy that is not there", async () => {
    vi.stubEnv("HTTPS_PROXY", "http://127.0.0.1:1");
    expect(await failureOf("wss://worker.test/relay")).toMatchObject({ stage: "proxy" });
  });
});
