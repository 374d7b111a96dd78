/** A team made through the management API, as its owner would. */
import type { Scope } from "#shared/access/scope.ts";
import { authenticate } from "../../../worker/auth/authenticate.ts";
import type { Principal } from "../../../worker/auth/principal.ts";
import type { Remote } from "../../../worker/object-namespace.ts";
import type { TeamRpc } from "../../../worker/team/rpc.ts";
import { teamOf } from "../../../worker/team/stub.ts";
import { bindings, postApi, sendApi } from "./worker.ts";

export interface TestTeam {
  readonly id: string;
  /** Replaces it. */
  setWritePolicy(policy: object): Promise<void>;
  joinToken(options?: { name_pattern?: string; expires_in_hours?: number }): Promise<string>;
  accessToken(scopes?: readonly Scope[]): Promise<string>;
  principal(scopes?: readonly Scope[]): Promise<Principal>;
}

/** What a test that is about something else wants. */
const UNCONFIRMED_WRITES = {
  rules: [{ record: "*", confirm: "never" }],
  writes_per_minute: 0,
  writes_per_minute_per_record: 0,
};

/** Its writes need no confirmation unless told otherwise. */
export async function createTeam(name = "plant"): Promise<TestTeam> {
  const { id } = await created<{ id: string }>("teams", { name });
  const setWritePolicy = async (policy: object) => {
    const response = await sendApi("write-policy", "PUT", { ...policy, team: id });
    if (response.status !== 200) throw new Error(`write-policy: ${response.status}`);
  };
  await setWritePolicy(UNCONFIRMED_WRITES);
  const accessToken = async (scopes: readonly Scope[] = ["aimdb:read"]) =>
    (await created<{ token: string }>("access-tokens", { team: id, scopes })).token;
  return {
    id,
    setWritePolicy,
    accessToken,
    joinToken: async (options = {}) =>
      (await created<{ token: string }>("join-tokens", { team: id, ...options })).token,
    principal: async (scopes) => {
      const known = await authenticate(await accessToken(scopes), bindings);
      if (known === undefined) throw new Error("A fresh token opens nothing");
      return known.principal;
    },
  };
}

export function teamObject(id: string): Remote<TeamRpc> {
  const team = teamOf(bindings, id);
  if (team === undefined) throw new Error("Not an id of a team");
  return team;
}

async function created<T>(path: string, body: unknown): Promise<T> {
  const response = await postApi(path, body);
  if (response.status !== 201) throw new Error(`${path}: ${response.status}`);
  return response.json<T>();
}
