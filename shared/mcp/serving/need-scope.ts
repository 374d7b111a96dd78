/** The caller's own scope, before anything is asked of a device. */
import { failure, type Failure } from "../../failure.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { err, ok, type Result } from "../../result.ts";
import { allows, type Scope } from "../../access/scope.ts";

export function needScope({ scopes }: Fleet, required_scope: Scope): Result<undefined, Failure> {
  if (allows(scopes, required_scope)) return ok(undefined);
  const message = `This token may not do that. It needs the scope ${required_scope}.`;
  return err(failure("insufficient_scope", message, { required_scope }));
}
