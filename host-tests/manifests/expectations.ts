import { readFileSync } from "node:fs";

export interface Expectation {
  readonly severity: "error" | "warning";
  readonly line: number;
  readonly path: string;
  /** Part of what is said. */
  readonly words: string;
}

/** What the comments of a bad file say: `# !! PATH | WORDS` on the line of an error, `# ?? PATH | WORDS` on that of a warning. */
export function expectations(file: string): Expectation[] {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((text, index) => {
    const [, mark, path = "", words = ""] = /# (!!|\?\?) (.*?) ?\| (.+)$/.exec(text) ?? [];
    return mark ? [{ severity: mark === "!!" ? "error" : "warning", line: index + 1, path, words } as const] : [];
  });
}
