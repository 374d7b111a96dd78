import type { Failure } from "#shared/failure.ts";
import type { Result } from "#shared/result.ts";
import { toRpc } from "../to-rpc.ts";
import { OUTDATED_MEANWHILE, OUTDATED_RIGHTS } from "./call.ts";

/** A desk passes on why it was refused, and the Worker must see from that whether it may ask again. */
export function deskAnswer<T, A extends object>(
  result: Result<T, Failure>,
  toAnswer: (value: T) => A,
): ReturnType<typeof toRpc<T, A>> {
  const outdated = [OUTDATED_RIGHTS, OUTDATED_MEANWHILE].find(
    ({ failure: told }) => !result.ok && result.error === told,
  );
  return outdated ?? toRpc(result, toAnswer);
}
