/** The part of a session that survives the object's sleep: it is attached to the socket (16 KiB at most). */
import * as z from "zod/mini";
import type { Session } from "./session.ts";
import { safeParse } from "#shared/parse/safe-parse.ts";

const greeted = {
  id: z.string(),
  version: z.number(),
  startedAtMs: z.number(),
  relayVersion: z.string(),
  clockOffsetMs: z.number(),
  journalId: z.nullable(z.string()),
  /** Absent in an attachment of a release that did not have it. */
  features: z._default(z.array(z.string()), []),
};

const attachmentSchema = z.object({
  generation: z.number(),
  session: z.discriminatedUnion("name", [
    z.object({
      name: z.literal("greeting"),
      deadlineMs: z.number(),
      sinceMs: z.nullable(z.number()),
    }),
    z.object({ name: z.literal("live"), ...greeted }),
    z.object({ name: z.literal("draining"), sinceMs: z.number(), ...greeted }),
  ]),
});

export interface Attachment {
  readonly generation: number;
  readonly session: Exclude<Session, { name: "offline" }>;
}

export function readAttachment(socket: WebSocket): Attachment | undefined {
  const parsed = safeParse(attachmentSchema, socket.deserializeAttachment());
  return parsed.success ? parsed.data : undefined;
}

export function writeAttachment(socket: WebSocket, attachment: Attachment): void {
  socket.serializeAttachment(attachment);
}
