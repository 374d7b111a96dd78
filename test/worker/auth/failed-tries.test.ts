import { expect, test } from "vitest";
import { FailedTries, type Tried } from "../../../worker/auth/failed-tries.ts";
import { TooManyTriesError } from "../../../worker/auth/too-many-tries-error.ts";

const MINUTE_MS = 60_000;

type Answer = "good" | "refused" | "not asked";

/** What comes of one, at `nowMs`. */
function tries() {
  const clock = { nowMs: 10 * MINUTE_MS + 15_000 };
  const failed = new FailedTries(() => clock.nowMs);
  const attempt = async (change: Partial<Tried>, answer: "good" | "refused"): Promise<Answer> => {
    const tried = { at: "team", from: "192.0.2.0/24", as: "one", isWhole: false, ...change };
    try {
      return await failed.ask(
        tried,
        () => Promise.resolve(answer),
        (it) => it === "refused",
      );
    } catch (error) {
      if (error instanceof TooManyTriesError) return "not asked";
      throw error;
    }
  };
  const fail = async (times: number, change: Partial<Tried> = {}): Promise<Answer[]> => {
    const answers: Answer[] = [];
    for (let n = 0; n < times; n += 1) {
      answers.push(await attempt({ as: `bad ${n}`, ...change }, "refused"));
    }
    return answers;
  };
  return { clock, failed, attempt, fail };
}

test("FailedTries asks of sixty failures in a minute for one object from one network, and of no more", async () => {
  const { clock, attempt, fail } = tries();

  const answers = await fail(62);

  expect(answers.slice(58)).toEqual(["refused", "refused", "not asked", "not asked"]);
  expect(await attempt({}, "good")).toBe("not asked");
  clock.nowMs += 45_000;
  expect(await attempt({}, "good")).toBe("good");
});

test("FailedTries says when it may be asked again", async () => {
  const { failed, fail } = tries();
  await fail(60);
  const tried = { at: "team", from: "192.0.2.0/24", as: "one", isWhole: false };

  await expect(
    failed.ask(
      tried,
      () => Promise.resolve(true),
      () => false,
    ),
  ).rejects.toMatchObject({ retryAfterS: 45 });
});

test("FailedTries goes on asking for whom it knew from the same network before", async () => {
  const { attempt, fail } = tries();
  await attempt({ as: "relay" }, "good");
  await fail(100);

  expect(await attempt({ as: "relay" }, "good")).toBe("good");
  expect(await attempt({ as: "another" }, "good")).toBe("not asked");
});

test("FailedTries is asked as before about other objects, and from other networks", async () => {
  const { attempt, fail } = tries();
  await fail(100);

  expect(await attempt({ at: "another" }, "good")).toBe("good");
  expect(await attempt({ from: "198.51.100.0/24" }, "good")).toBe("good");
});

test("who was good and whose id others send is asked for, whatever they fail", async () => {
  const { attempt, fail } = tries();
  await attempt({ as: "relay" }, "good");

  expect(await fail(100, { as: "relay" })).not.toContain("not asked");
  expect(await attempt({ as: "relay" }, "good")).toBe("good");
});

test("a credential that stays the same counts once a minute, however often it is sent", async () => {
  const { attempt, fail } = tries();
  await fail(1_000, { as: "ended", isWhole: true });

  expect(await attempt({}, "good")).toBe("good");
});

test("a credential that was good and is refused is known no more", async () => {
  const { attempt, fail } = tries();
  await attempt({ as: "revoked", isWhole: true }, "good");
  await attempt({ as: "revoked", isWhole: true }, "refused");
  await fail(100);

  expect(await attempt({ as: "revoked", isWhole: true }, "refused")).toBe("not asked");
});

test("an object that could not be asked counts against nobody", async () => {
  const { failed, attempt } = tries();
  const tried = { at: "team", from: "192.0.2.0/24", as: "one", isWhole: false };
  for (let n = 0; n < 100; n += 1) {
    const asked = failed.ask(
      tried,
      () => Promise.reject(new Error("away")),
      () => true,
    );
    await expect(asked).rejects.toThrow("away");
  }

  expect(await attempt({}, "good")).toBe("good");
});
