import { describe, expect, test } from "vitest";
import { newerState } from "../../worker/storage/newer-state.ts";
import { readTwice } from "../../worker/read-twice.ts";

/** Gives or throws one after the other. */
function script(...answers: (string | Error)[]): {
  read: () => Promise<string>;
  count: () => number;
} {
  let count = 0;
  const read = async () => {
    const answer = answers[count];
    count += 1;
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error("Asked again");
    return answer;
  };
  return { read, count: () => count };
}

describe("readTwice()", () => {
  test("asks once when it is answered", async () => {
    const { read, count } = script("first");

    expect([await readTwice(read), count()]).toEqual(["first", 1]);
  });

  test("asks once if a newer release stored what is asked", async () => {
    const { read, count } = script(newerState(2, 1), "second");

    await expect(readTwice(read)).rejects.toThrow("newer release");
    expect(count()).toBe(1);
  });

  test("asks once more after an exception", async () => {
    const { read, count } = script(new Error("reset"), "second");

    expect([await readTwice(read), count()]).toEqual(["second", 2]);
  });

  test("names in the log the call that it serves, if there is one", async () => {
    const lines: unknown[][] = [];
    const log = (...line: unknown[]) => void lines.push(line);

    await readTwice(script(new Error("reset"), "second").read, { call: "c1", log });
    await readTwice(script(new Error("reset"), "second").read, { log });

    const reason = "Error: reset";
    expect(lines).toEqual([
      ["warn", "object_reset", { call: "c1", reason }],
      ["warn", "object_reset", { call: undefined, reason }],
    ]);
  });

  test("throws the second exception and asks no third time", async () => {
    const { read, count } = script(new Error("first"), new Error("second"), "third");

    await expect(readTwice(read)).rejects.toThrow("second");
    expect(count()).toBe(2);
  });
});
