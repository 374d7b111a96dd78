import { expect, test } from "vitest";
import { Counters } from "../../../../../worker/selfhost/simulator/database/buffer.ts";
import { Mailbox } from "../../../../../worker/selfhost/simulator/database/mailbox.ts";
import { readAll, sample } from "./samples.ts";

test("a mailbox gives its message to the first reader only", () => {
  const mailbox = new Mailbox(new Counters());
  const [first, second] = [mailbox.open(), mailbox.open()];
  mailbox.push(sample(1));

  expect(readAll(first)).toEqual(["1"]);
  expect(readAll(second)).toEqual([]);
});

test("a mailbox overwrites a message nobody took", () => {
  const mailbox = new Mailbox(new Counters());
  mailbox.push(sample(1));
  mailbox.push(sample(2));

  expect(readAll(mailbox.open())).toEqual(["2"]);
});

test("a mailbox can be looked into without taking", () => {
  const mailbox = new Mailbox(new Counters());
  mailbox.push(sample(1));

  expect(mailbox.peek()?.declared).toBe("1");
  expect(mailbox.occupancy()).toBe(1);
});
