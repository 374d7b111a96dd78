/** Finds an account object. An id that the platform did not make finds none. */
import type { Env } from "../env.ts";
import { toObjectId, type Remote } from "../object-namespace.ts";
import type { AccountRpc } from "./rpc.ts";

export function accountOf(
  { ACCOUNT }: Pick<Env, "ACCOUNT">,
  accountId: string,
): Remote<AccountRpc> | undefined {
  const id = toObjectId(ACCOUNT, accountId);
  return id === undefined ? undefined : ACCOUNT.get(id);
}
