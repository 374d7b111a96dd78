import { createServer } from "node:net";
import { expect, test } from "vitest";
import { chooseAddresses } from "../../../../worker/selfhost/settings/addresses.ts";

const LOCAL = { host: "127.0.0.1", port: 0, tokenPort: undefined, publicUrl: undefined };

test("chooseAddresses takes two free ports and is its own public address", async () => {
  const { port, tokenPort, publicUrl, tokenUrl } = await chooseAddresses(LOCAL);

  expect(port).toBeGreaterThan(0);
  expect(tokenPort).not.toBe(port);
  expect(publicUrl).toBe(`http://127.0.0.1:${port}`);
  expect(tokenUrl).toBe(`http://127.0.0.1:${tokenPort}`);
});

test("chooseAddresses puts the token origin on the port after a fixed one", async () => {
  const { port } = await chooseAddresses(LOCAL);

  expect(await chooseAddresses({ ...LOCAL, port })).toMatchObject({ tokenPort: port + 1 });
});

test.each([
  ["https://aimdb.example.com", "https://token.aimdb.example.com"],
  ["https://aimdb.example.com:8443/", "https://token.aimdb.example.com:8443"],
])("chooseAddresses knows %s behind a proxy, with %s beside it", async (publicUrl, tokenUrl) => {
  const chosen = await chooseAddresses({ ...LOCAL, host: "0.0.0.0", publicUrl });

  expect(chosen.publicUrl).toBe(new URL(publicUrl).origin);
  expect(chosen.tokenUrl).toBe(tokenUrl);
});

test("chooseAddresses refuses an open host without a public address", async () => {
  await expect(chooseAddresses({ ...LOCAL, host: "0.0.0.0" })).rejects.toThrow("--public-url");
});

test("chooseAddresses says which port is in use and what to do", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" ? (address?.port ?? 0) : 0);
    });
  });

  await expect(chooseAddresses({ ...LOCAL, port })).rejects.toThrow(
    `Port ${port} is in use. Choose another with --port, or 0 for any.`,
  );
  server.close();
});
