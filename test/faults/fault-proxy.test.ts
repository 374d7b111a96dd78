import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FaultProxy } from "./fault-proxy.ts";

const ANSWER = "HTTP/1.1 409 Conflict\r\nConnection: close\r\nContent-Length: 7\r\n\r\nrefused";

test("an answer whose sender then closes arrives in full: a refused dial says why", async () => {
  const folder = await mkdtemp(join(tmpdir(), "aimdb-proxy-"));
  const identity = join(folder, "identity.json");
  await writeFile(identity, JSON.stringify({ link_url: "ws://127.0.0.1:1/link" }));
  const worker = createServer((socket) => {
    socket.once("data", () => socket.end(ANSWER));
  });
  worker.listen(0, "127.0.0.1");
  await once(worker, "listening");
  const { port } = worker.address() as AddressInfo;
  const proxy = new FaultProxy(new URL(`http://127.0.0.1:${port}/`));
  await proxy.lead(identity);
  const { link_url } = JSON.parse(await readFile(identity, "utf8")) as { link_url: string };

  const answer = await fetch(link_url.replace("ws:", "http:"), { method: "POST", body: "{}" });

  expect([answer.status, await answer.text()]).toEqual([409, "refused"]);
  await proxy.close();
  worker.close();
  await rm(folder, { recursive: true });
});
