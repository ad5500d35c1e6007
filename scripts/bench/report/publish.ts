import { readFile, writeFile } from "node:fs/promises";

/** Puts a text between `<!-- bench:name -->` and `<!-- /bench:name -->` of a document. */
export async function publish(file: string, name: string, markdown: string): Promise<void> {
  await writeFile(file, replaceBetween(await readFile(file, "utf8"), name, markdown, file));
}

/** Throws when the document has no such place: a figure that goes nowhere would look published. */
export function replaceBetween(document: string, name: string, markdown: string, file: string): string {
  const [open, close] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [document.indexOf(open), document.indexOf(close)];
  if (from < 0 || to < from) throw new Error(`bench: ${file} has no lines ${open} and ${close}; add them where the tables of ${name} go`);
  return `${document.slice(0, from + open.length)}\n\n${markdown}\n\n${document.slice(to)}`;
}
