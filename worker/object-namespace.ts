/**
 * A Durable Object namespace as it is used here. The platform's own type passes every RPC through a check of what
 * can be serialized, which never terminates for a recursive type such as JSON's.
 */
export interface ObjectNamespace<Rpc> {
  get(id: DurableObjectId): Remote<Rpc>;
  newUniqueId(): DurableObjectId;
  /** Throws for an id that this namespace did not make. */
  idFromString(id: string): DurableObjectId;
  idFromName(name: string): DurableObjectId;
}

/** An object's methods as seen from elsewhere: each call takes a round trip. */
export type Remote<Rpc> = {
  readonly [Name in keyof Rpc]: Rpc[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

/** Ids are the platform's own and can't be made up; a text that claims to be one is checked. */
export function toObjectId(
  namespace: Pick<ObjectNamespace<unknown>, "idFromString">,
  id: string,
): DurableObjectId | undefined {
  try {
    return namespace.idFromString(id);
  } catch {
    return undefined;
  }
}
