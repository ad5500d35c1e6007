import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type BenchResult, type SubjectResult, sameSubject } from "./result.ts";

/** Writes the files of a run, and says which. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const paths = Object.keys(files).map(name => join(folder, name));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return paths;
}

export async function readJson<T>(file: string): Promise<T | null> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  return text === null ? null : (JSON.parse(text) as T);
}

/** What was published, with what was measured now in its place: a run of one part leaves the others as they are. */
export function merged(published: BenchResult | null, now: BenchResult): BenchResult {
  if (!published || published.envoy !== now.envoy) return now;
  const fresh = (before: SubjectResult): SubjectResult => ({ ...before, ...now.subjects.find(each => sameSubject(each, before)) });
  const added = now.subjects.filter(subject => !published.subjects.some(each => sameSubject(each, subject)));
  // What was measured again in part is measured as a whole by the command that was there.
  const isPart = published.subjects.some(before => !now.subjects.some(each => sameSubject(each, before)));
  const commands = isPart ? { ...now.commands, ...published.commands } : { ...published.commands, ...now.commands };
  // Parts that are measured now are no longer missing; those that were missing then and not tried now still are.
  const tried = new Set([...Object.keys(now.commands), ...now.missing.map(({ name }) => name), ...now.subjects.map(({ name }) => name)]);
  return {
    ...now,
    without: { ...published.without, ...now.without },
    subjects: [...published.subjects.map(fresh), ...added],
    missing: [...published.missing.filter(({ name }) => !tried.has(name)), ...now.missing],
    commands,
  };
}
