import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "#shared/link/frame.ts";
import { MAX_FRAME_BYTES, MAX_FRAMES_PER_MESSAGE } from "#shared/link/limits.ts";
import { Outbox, splitMessage } from "#shared/link/message.ts";
import { anyCharacter } from "../../support/any-character.ts";

/** What is sent, and what runs when the turn ends. */
function outbox() {
  const sent: string[] = [];
  const turns: (() => void)[] = [];
  const box = new Outbox(
    (message) => sent.push(message),
    (run) => turns.push(run),
  );
  const endTurn = () => {
    for (const run of turns.splice(0)) run();
  };
  return { box, sent, endTurn };
}

const frames = fc.array(
  fc.string({ unit: anyCharacter }).map((id) => encodeFrame({ t: "cancel", id })),
  { minLength: 1, maxLength: 600 },
);

describe("Outbox", () => {
  test("sends the frames of a turn as one message [T-7]", () => {
    const { box, sent, endTurn } = outbox();
    box.put("a");
    box.put("b");
    const before = [...sent];
    endTurn();
    box.put("c");
    endTurn();

    expect([before, sent]).toEqual([[], ["a\nb", "c"]]);
  });

  test("sends nothing of a link that is gone", () => {
    const { box, sent, endTurn } = outbox();
    box.put("a");
    box.clear();
    endTurn();

    expect(sent).toEqual([]);
  });

  test("sends a frame that is longer than a message is worth alone", () => {
    const { box, sent, endTurn } = outbox();
    const long = "x".repeat(100_000);
    for (const frame of ["a", long, "b"]) box.put(frame);
    endTurn();

    expect(sent).toEqual(["a", long, "b"]);
  });

  test("sends whatever frames so that they are read in their order [T-11]", () => {
    fc.assert(
      fc.property(frames, (texts) => {
        const { box, sent, endTurn } = outbox();
        for (const text of texts) box.put(text);
        endTurn();

        const read = sent.map(splitMessage).flatMap((split) => (split.ok ? split.value : []));
        expect(read).toEqual(texts);
      }),
    );
  });
});

describe("a message", () => {
  test("may hold 256 frames, and not one more [T-7]", () => {
    const text = (count: number) => Array.from({ length: count }, () => "{}").join("\n");

    expect(splitMessage(text(MAX_FRAMES_PER_MESSAGE)).ok).toBe(true);
    expect(splitMessage(text(MAX_FRAMES_PER_MESSAGE + 1))).toMatchObject({
      error: { reason: "malformed" },
    });
  });

  test("of more than 1 MiB is refused, whatever its frames are [T-7]", () => {
    const text = `{}\n${"x".repeat(MAX_FRAME_BYTES - 2)}`;

    expect(splitMessage(text)).toMatchObject({ error: { reason: "frame_too_large" } });
    expect(splitMessage(text.slice(0, -1)).ok).toBe(true);
  });
});
