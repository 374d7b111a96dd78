/** The contract over the whole path: client, worker, relay, host. */
import { join } from "node:path";
import { describeEveryHost } from "../contract/every-host.ts";
import { connectClient } from "../support/clients/mcp.ts";
import { RelayProcess } from "../support/processes/relay-process.ts";
import { startTestWorker } from "../support/processes/test-worker.ts";

describeEveryHost({
  relay: "gw",
  open: async (folder, config) => {
    const worker = await startTestWorker();
    const relay = await RelayProcess.enroll(
      { folder: join(folder, "relay"), name: "gw", config },
      { url: worker.url, joinToken: await worker.createJoinToken() },
    );
    relay.start();
    const connected = await connectClient(worker.mcpUrl, await worker.createAccessToken());
    return {
      ...connected,
      close: async () => {
        await connected.close();
        await relay.stop();
        await worker.close();
      },
    };
  },
});
