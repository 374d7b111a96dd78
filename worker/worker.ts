/** Entry of the Worker. */
import { app } from "./app.ts";
import type { Env } from "./env.ts";

export { AccountObject } from "./account/account-object.ts";
export { DirectoryObject } from "./directory/directory-object.ts";
export { OAuthShardObject } from "./oauth/storage/shard-object.ts";
export { RelayObject } from "./relay/relay-object.ts";
export { TeamObject } from "./team/team-object.ts";

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
