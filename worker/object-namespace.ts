/**
 * A Durable Object namespace as it is used here. The platform's own type maps every RPC through a
 * check of what can be serialized, and a recursive type such as JSON's never leaves it.
 */
export interface ObjectNamespace<Rpc> {
  get(id: DurableObjectId): Remote<Rpc>;
  newUniqueId(): DurableObjectId;
  /** Throws for an id that this namespace did not make. */
  idFromString(id: string): DurableObjectId;
  idFromName(name: string): DurableObjectId;
}

/** The methods of an object as they are called from elsewhere: each takes a round trip. */
export type Remote<Rpc> = {
  readonly [Name in keyof Rpc]: Rpc[Name] extends (...args: infer Args) => infer Answer
    ? (...args: Args) => Promise<Awaited<Answer>>
    : never;
};

/** Ids are the platform's own and can't be made up; text that claims to be one is checked. */
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
