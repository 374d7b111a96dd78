/** `resources/*` and `completion/complete`. */
import { ProtocolError, ProtocolErrorCode } from "@modelcontextprotocol/server";
import type { CallerSignal } from "../../fleet/caller-signal.ts";
import { toldRead, type OnCall } from "./client-call.ts";
import { complete } from "./completion.ts";
import { listResources, type UriForm } from "../resources/list-resources.ts";
import { readResource } from "../resources/read-resource.ts";
import { recordsIn } from "../resources/resource-uri.ts";
import { RESOURCE_TEMPLATES } from "../resources/resource-templates.ts";
import type { StrictServer } from "./strict-server.ts";
import type { ToolContext } from "../tool.ts";

/** Present if one connection stays open, as on stdio, so that 2025 clients can be notified of changes. */
export interface ResourceSubscriber {
  /** False if the resource can't be watched. */
  subscribe(uri: string): Promise<boolean>;
  unsubscribe(uri: string): void;
}

export interface ResourceSettings {
  readonly uriForm: UriForm;
  readonly subscriber?: ResourceSubscriber | undefined;
}

export function handleResources(
  server: StrictServer,
  contextUntil: (gone: CallerSignal) => ToolContext,
  { uriForm, subscriber, onCall }: ResourceSettings & { readonly onCall: OnCall | undefined },
): void {
  server.handle("resources/list", ({ params }, gone) => {
    const cursor = params?.cursor;
    const { fleet } = contextUntil(gone);
    const call = { action: "resource.list", input: cursor === undefined ? {} : { cursor } };
    return toldRead(call, onCall, () => listResources(fleet, uriForm, cursor));
  });
  server.handle("resources/templates/list", async () => ({
    resourceTemplates: [...RESOURCE_TEMPLATES],
  }));
  server.handle("resources/read", ({ params: { uri } }, gone) => {
    const call = { action: "resource.read", input: { uri }, record: recordsIn([uri]) };
    return toldRead(call, onCall, () => readResource(uri, contextUntil(gone)));
  });
  server.handle("completion/complete", ({ params }, gone) => {
    const { fleet } = contextUntil(gone);
    const { ref, argument, context: { arguments: chosen } = {} } = params;
    const input = { ...chosen, ref: { ...ref }, argument: { ...argument } };
    return toldRead({ action: "completion", input }, onCall, () => complete(fleet, params));
  });
  if (subscriber === undefined) return;
  server.handle("resources/subscribe", async ({ params: { uri } }) => {
    if (await subscriber.subscribe(uri)) return {};
    throw new ProtocolError(
      ProtocolErrorCode.InvalidParams,
      "Only record resources can be subscribed to, and of those no mailboxes.",
      { uri },
    );
  });
  server.handle("resources/unsubscribe", async ({ params: { uri } }) => {
    subscriber.unsubscribe(uri);
    return {};
  });
}
