import { Candidate, choose, hash64 } from "../weighted";
import { bytes } from "./bytes";

const USERS = 100000;

function candidates(weights: f64[]): StaticArray<Candidate> {
  const list: Candidate[] = [];
  for (let i = 0; i < weights.length; i++) list.push(new Candidate(bytes("variant-" + i.toString()), weights[i]));
  return StaticArray.fromArray<Candidate>(list);
}

/** Which candidate each user falls to. */
function all(weights: f64[]): i32[] {
  const list = candidates(weights);
  const chosen: i32[] = [];
  for (let i = 0; i < USERS; i++) chosen.push(choose(list, hash64(bytes("user-" + i.toString()))));
  return chosen;
}

/** The share of users of candidate `index`, in percent. */
function share(chosen: i32[], index: i32): f64 {
  let count = 0;
  for (let i = 0; i < chosen.length; i++) if (chosen[i] == index) count++;
  return (<f64>count * 100) / <f64>USERS;
}

/** How many users go from one candidate to another, in percent; -1 stands for any. */
function moved(before: i32[], after: i32[], from: i32, to: i32): f64 {
  let count = 0;
  for (let i = 0; i < USERS; i++) {
    if (before[i] != after[i] && (from < 0 || before[i] == from) && (to < 0 || after[i] == to)) count++;
  }
  return (<f64>count * 100) / <f64>USERS;
}

function near(value: f64, expected: f64, by: f64): bool {
  return Math.abs(value - expected) <= by;
}

describe("a weighted choice", () => {
  it("gives each candidate its share of 100,000 users", () => {
    const chosen = all([70, 20, 9, 1, 0]);
    expect(near(share(chosen, 0), 70, 0.3)).toBe(true, share(chosen, 0).toString());
    expect(near(share(chosen, 1), 20, 0.3)).toBe(true, share(chosen, 1).toString());
    expect(near(share(chosen, 2), 9, 0.3)).toBe(true, share(chosen, 2).toString());
    expect(near(share(chosen, 3), 1, 0.1)).toBe(true, share(chosen, 3).toString());
    expect(share(chosen, 4)).toBe(0);
  });

  it("moves users from the one that shrinks to the one that grows, and only as many as must", () => {
    const before = all([90, 10]);
    const after = all([80, 20]);
    expect(moved(before, after, 1, 0)).toBe(0);
    expect(near(moved(before, after, 0, 1), 10, 0.3)).toBe(true, moved(before, after, 0, 1).toString());
  });

  it("moves users only to a candidate whose weight alone grows, and only from it when that falls again", () => {
    const before = all([50, 30, 20]);
    const after = all([50, 30, 40]);
    expect(moved(before, after, -1, 0)).toBe(0);
    expect(moved(before, after, -1, 1)).toBe(0);
    // From 20 % to 40 of 120.
    expect(near(moved(before, after, -1, 2), 13.33, 0.3)).toBe(true, moved(before, after, -1, 2).toString());
    expect(moved(after, all([50, 30, 0]), 0, -1)).toBe(0);
    expect(moved(after, all([50, 30, 0]), 1, -1)).toBe(0);
  });

  it("does not care about the order, and chooses nothing of nothing", () => {
    const one = candidates([50, 30]);
    const other = StaticArray.fromArray<Candidate>([one[1], one[0]]);
    for (let i = 0; i < 1000; i++) expect(choose(other, hash64(bytes(i.toString())))).toBe(1 - choose(one, hash64(bytes(i.toString()))));
    expect(choose(candidates([]), 1)).toBe(-1);
    expect(choose(candidates([0, 0]), 1)).toBe(-1);
  });

  it("draws a finite number for every key", () => {
    const one = candidates([1, 1]);
    expect(choose(one, 0)).toBeGreaterThanOrEqual(0);
    expect(choose(one, u64.MAX_VALUE)).toBeGreaterThanOrEqual(0);
  });
});
