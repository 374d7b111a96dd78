import fc from "fast-check";
import { expect, test } from "vitest";
import { LargestFirst } from "../../../relay/store/largest-first.ts";

interface Member {
  rankIndex: number;
  weight: number;
}

const steps = fc.array(
  fc.record({ member: fc.nat(9), weight: fc.nat(20), isRemoved: fc.boolean() }),
  { maxLength: 60 },
);

test("LargestFirst has no larger member than the one it names, whatever comes, changes and goes", () => {
  fc.assert(
    fc.property(steps, (steps) => {
      const members: Member[] = Array.from({ length: 10 }, () => ({ rankIndex: -1, weight: 0 }));
      const heap = new LargestFirst<Member>(({ weight }) => weight);
      const inside = new Set<Member>();
      for (const { member, weight, isRemoved } of steps) {
        const one = members[member];
        if (one === undefined) continue;
        if (isRemoved && inside.delete(one)) heap.remove(one);
        else if (!isRemoved) {
          one.weight = weight;
          heap.update(one);
          inside.add(one);
        }
        const weights = Array.from(inside, (each) => each.weight);
        expect(heap.largest?.weight).toBe(weights.length === 0 ? undefined : Math.max(...weights));
        expect(members.filter(({ rankIndex }) => rankIndex >= 0)).toHaveLength(inside.size);
      }
    }),
  );
});

test("LargestFirst names nobody of nobody", () => {
  expect(new LargestFirst<Member>(({ weight }) => weight).largest).toBeUndefined();
});

test("LargestFirst asks few of very many members what they weigh", () => {
  let asked = 0;
  const heap = new LargestFirst<Member>(({ weight }) => {
    asked += 1;
    return weight;
  });
  const members = Array.from({ length: 4_096 }, (_, weight) => ({ rankIndex: -1, weight }));
  for (const member of members) heap.update(member);

  asked = 0;
  for (const member of members) {
    member.weight = 5_000 - member.weight;
    heap.update(member);
  }

  expect(asked / members.length).toBeLessThan(4 * Math.log2(members.length) + 10);
});
