import { writeFile } from "node:fs/promises";
import { Agent as HttpAgent } from "node:http";
import { createServer, get, Agent as HttpsAgent } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { HttpsProxyAgent } from "https-proxy-agent";
import { beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { agentFor, proxyFor } from "../../../relay/net/agent.ts";
import { CERTIFICATE, CERTIFICATE_KEY } from "../support/worker-side/certificate.ts";
import { startProxy } from "../support/worker-side/connect-proxy.ts";
import { hideProxy } from "../support/worker-side/hide-proxy.ts";
import { freshFolder } from "../support/device/fresh-folder.ts";

const PROXY = "http://proxy.example:3128";
const { signal } = new AbortController();
const NET = { caFile: undefined, signal };

beforeEach(hideProxy);

function withProxy(httpsProxy: string, noProxy = ""): void {
  vi.stubEnv("HTTPS_PROXY", httpsProxy);
  vi.stubEnv("NO_PROXY", noProxy);
}

function proxyOf(url: string): string | undefined {
  const agent = agentFor(new URL(url), NET);
  return agent instanceof HttpsProxyAgent ? agent.proxy.href : undefined;
}

describe("agentFor goes through the proxy", () => {
  test.each(["https://w.example/relay", "wss://w.example/relay", "wss://w.example:8443/relay"])(
    "of HTTPS_PROXY to %s",
    (url) => {
      withProxy(PROXY);
      expect(proxyOf(url)).toBe(`${PROXY}/`);
    },
  );

  test("that the environment names at the time of the dial", () => {
    expect(proxyOf("wss://w.example")).toBeUndefined();
    withProxy(PROXY);
    expect(proxyOf("wss://w.example")).toBe(`${PROXY}/`);
  });
});

describe("agentFor goes straight", () => {
  test.each([
    ["without a proxy", "", "", "wss://w.example"],
    ["to a name in NO_PROXY", PROXY, "w.example", "wss://w.example"],
    ["to a domain in NO_PROXY", PROXY, ".example", "https://w.example"],
    ["to a port in NO_PROXY", PROXY, "w.example:8443", "wss://w.example:8443"],
    ["where NO_PROXY is everything", PROXY, "*", "wss://w.example"],
    ["to this machine by plain http", PROXY, "", "http://127.0.0.1:8787"],
    ["to this machine by plain ws", PROXY, "", "ws://localhost:8787"],
  ])("%s", (_name, proxy, noProxy, url) => {
    withProxy(proxy, noProxy);
    expect(proxyOf(url)).toBeUndefined();
  });
});

test.each([
  ["ws://localhost:1", HttpAgent],
  ["http://localhost:1", HttpAgent],
  ["wss://w.example", HttpsAgent],
  ["https://w.example", HttpsAgent],
])("agentFor %s is of the scheme's kind", (url, kind) => {
  expect(agentFor(new URL(url), NET).constructor).toBe(kind);
});

test.each([
  ["https://w.example", "proxy.example:3128"],
  ["wss://w.example", "proxy.example:3128"],
  ["http://localhost:1", undefined],
  ["ws://localhost:1", undefined],
])("proxyFor %s is %s, and never the proxy's password", (url, proxy) => {
  withProxy("http://ann:hunter2@proxy.example:3128");
  expect(proxyFor(new URL(url))).toBe(proxy);
});

describe("agentFor with certificates of its own", () => {
  test("throws where their file can't be read", () => {
    expect(() =>
      agentFor(new URL("wss://w.example"), { ...NET, caFile: "/nowhere/ca.pem" }),
    ).toThrow("ENOENT");
  });

  test.each(["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"])(
    "trusts a worker that has one of them, as %s",
    async (label) => {
      const { port } = await startWorker();
      const caFile = await writeCertificate(label);
      expect(await statusOf(`https://127.0.0.1:${port}/`, caFile)).toBe(204);
    },
  );

  test("trusts the worker behind a proxy, and tells the proxy no secret", async () => {
    const { port } = await startWorker();
    const proxy = await startProxy(port);
    withProxy(proxy.url);

    expect(await statusOf("https://worker.test/", await writeCertificate())).toBe(204);
    expect(proxy.tunnels).toMatchObject([{ target: "worker.test:443" }]);
    expect(JSON.stringify(proxy.tunnels)).not.toContain("hunter2");
  });

  test.each([false, true])("trusts no other (proxy: %s)", async (throughProxy) => {
    const { port } = await startWorker();
    if (throughProxy) withProxy((await startProxy(port)).url);
    const url = throughProxy ? "https://worker.test/" : `https://127.0.0.1:${port}/`;
    await expect(statusOf(url, undefined)).rejects.toMatchObject({
      code: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
  });
});

async function startWorker(): Promise<{ port: number }> {
  const server = createServer({ cert: CERTIFICATE, key: CERTIFICATE_KEY }, (_request, response) => {
    response.writeHead(204).end();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return server.address() as AddressInfo;
}

async function writeCertificate(label = "CERTIFICATE"): Promise<string> {
  const caFile = join(await freshFolder(), "ca.pem");
  await writeFile(caFile, CERTIFICATE.replaceAll("CERTIFICATE", label));
  return caFile;
}

function statusOf(url: string, caFile: string | undefined): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const agent = agentFor(new URL(url), { caFile, signal });
    const headers = { authorization: "Bearer hunter2" };
    get(url, { agent, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).on("error", reject);
  });
}

describe("agentFor says what is wrong", () => {
  test.each(["::::", "proxy.example:x", "http://"])("with HTTPS_PROXY, which is %j", (proxy) => {
    withProxy(proxy);
    expect(() => agentFor(new URL("wss://w.example"), NET)).toThrow("HTTPS_PROXY is not a URL");
  });

  test("with a ca_file that is not there, is a folder, or holds no certificate", async () => {
    const folder = await freshFolder();
    const empty = join(folder, "empty.pem");
    await writeFile(empty, CERTIFICATE_KEY);
    const withCa = (caFile: string) => () =>
      agentFor(new URL("wss://w.example"), { caFile, signal });

    expect(withCa(join(folder, "none"))).toThrow(`ca_file ${folder}/none can't be read (ENOENT)`);
    expect(withCa(folder)).toThrow(`ca_file ${folder} can't be read (EISDIR)`);
    expect(withCa(empty)).toThrow(`ca_file ${empty} holds no certificate in PEM form`);
  });
});
