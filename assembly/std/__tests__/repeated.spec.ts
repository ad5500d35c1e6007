import { repeated } from "../repeated";

function texts(count: i32): string[] {
  const all: string[] = [];
  for (let i = 0; i < count; i++) all.push(((i * 7919) % count).toString());
  return all;
}

describe("repeated", () => {
  it("is null where each text stands once", () => {
    expect(repeated([]) == null).toBe(true);
    expect(repeated([""]) == null).toBe(true);
    expect(repeated(["a", "", "A", "aa", "\u0000", "a\u0000"]) == null).toBe(true);
    expect(repeated(texts(10_007)) == null).toBe(true);
  });

  it("is the text that stands twice, wherever it does", () => {
    expect(repeated(["", ""])!).toBe("");
    expect(repeated(["a", "b", "a"])!).toBe("a");
    for (let i = 0; i < 100; i++) {
      for (let j = 0; j < 100; j++) {
        const all = texts(100);
        all[j] = all[i];
        if (i == j) expect(repeated(all) == null).toBe(true);
        else expect(repeated(all)!).toBe(all[i]);
      }
    }
  });
});
