import { once } from "node:events";
import { request } from "node:http";
import { beforeEach, expect, test, vi } from "vitest";
import { reasonOf } from "../../../relay/net/reason.ts";
import { freePort } from "../../support/processes/free-port.ts";
import { hideProxy } from "../support/worker-side/hide-proxy.ts";

beforeEach(hideProxy);

const OPENSSL =
  "write EPROTO 803CA402:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/ssl3_record.c:350:\n";

test("a reason is one line, whatever OpenSSL adds, and names the proxy it is about", () => {
  const worker = new URL("wss://w.example/relay");

  expect(reasonOf(new Error(OPENSSL), worker)).toBe("TLS failed (wrong version number)");
  expect(reasonOf(new Error("connect ECONNREFUSED"), worker)).toBe("connect ECONNREFUSED");
  vi.stubEnv("HTTPS_PROXY", "http://user:secret@proxy.example:3128");
  expect(reasonOf(new Error("connect ECONNREFUSED"), worker)).toBe(
    "through the proxy proxy.example:3128: connect ECONNREFUSED",
  );
  expect(reasonOf(new Error("no"), new URL("http://127.0.0.1:1"))).toBe("no");
});

test("a reason names each address of a worker that has several", async () => {
  const port = await freePort();
  const addresses = ["127.0.0.2", "127.0.0.1"].map((address) => ({ address, family: 4 }));
  const outgoing = request({
    host: "w.example",
    port,
    lookup: (_name, _options, tell) => tell(null, addresses),
  });
  const [error] = await once(outgoing.end(), "error");

  expect(reasonOf(error, new URL("ws://w.example/relay"))).toBe(
    `connect ECONNREFUSED 127.0.0.1:${port}, connect ECONNREFUSED 127.0.0.2:${port}`,
  );
});
