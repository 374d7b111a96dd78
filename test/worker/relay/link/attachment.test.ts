import { expect, test } from "vitest";
import {
  readAttachment,
  writeAttachment,
  type Attachment,
} from "../../../../worker/relay/link/attachment.ts";

/** The two of a socket's methods that an attachment needs. */
function socketWith(attached: unknown = null): WebSocket {
  let kept: unknown = attached;
  const socket: Pick<WebSocket, "serializeAttachment" | "deserializeAttachment"> = {
    serializeAttachment: (value: unknown) => {
      kept = structuredClone(value);
    },
    deserializeAttachment: () => kept,
  };
  return socket as WebSocket;
}

const ATTACHMENTS: Attachment[] = [
  { generation: 1, session: { name: "greeting", deadlineMs: 5, sinceMs: null } },
  {
    generation: 42,
    session: {
      name: "live",
      id: "0123456789abcdef",
      version: 1,
      startedAtMs: 1_795_000_000_000,
      relayVersion: "v".repeat(40),
      clockOffsetMs: -1_795_000_000_000,
      journalId: null,
      features: [],
    },
  },
  {
    generation: 2,
    session: {
      name: "draining",
      sinceMs: 1_795_000_000_123,
      id: "0123456789abcdef",
      version: 1,
      startedAtMs: 1_795_000_000_000,
      relayVersion: "0.1.0",
      clockOffsetMs: 0,
      journalId: null,
      features: [],
    },
  },
];

test.each(ATTACHMENTS)("an attachment of a $session.name session survives", (attachment) => {
  const socket = socketWith();

  writeAttachment(socket, attachment);

  expect(readAttachment(socket)).toEqual(attachment);
  expect(JSON.stringify(attachment).length).toBeLessThan(2_048);
});

test("an attachment of a release without features is one of a relay that has none", () => {
  const session = { name: "live", id: "s", version: 1, startedAtMs: 1, relayVersion: "0.1.0" };
  const kept = { generation: 1, session: { ...session, clockOffsetMs: 0, journalId: null } };

  expect(readAttachment(socketWith(kept))?.session).toMatchObject({ features: [] });
});

test.each([null, undefined, "text", {}, { generation: "1" }, { generation: 1, session: {} }])(
  "readAttachment() makes nothing of %j",
  (attached) => {
    expect(readAttachment(socketWith(attached))).toBeUndefined();
  },
);
