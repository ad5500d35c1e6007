import { stringify } from "yaml";

/** A file of the set. */
export interface SetFile {
  /** From the repository's folder. */
  readonly path: string;
  /** What a reader has to know, as the comment at the head. */
  readonly about: readonly string[];
  readonly documents: readonly unknown[];
}

/** The last line of the head. */
export const MADE = "Made by `npm run manifests`.";

/** What npm run manifests writes. YAML 1.1, which Kubernetes and Envoy read: words such as yes are quoted. */
export function render({ about, documents }: SetFile): string {
  const head = [...about, MADE].map(line => (line ? `# ${line}\n` : "#\n")).join("");
  const options = { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" } as const;
  return head + documents.map(each => stringify(each, options)).join("---\n");
}
