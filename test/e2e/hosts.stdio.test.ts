/** The contract over the short path: client, `aimdb-relay stdio`, host. */
import { join } from "node:path";
import { describeEveryHost } from "../contract/every-host.ts";
import { connectStdio } from "../support/clients/stdio-client.ts";

describeEveryHost({
  relay: "local",
  open: (folder, config) => connectStdio({ folder: join(folder, "relay"), config }),
});
