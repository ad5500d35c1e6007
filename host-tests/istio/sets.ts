import { readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { isMap, parseAllDocuments, stringify } from "yaml";
import { ROOT } from "../oci/fixtures.ts";
import { type Json, render } from "./checker.ts";
import type { Pushed } from "./registry.ts";

const FOLDER = join(ROOT, "istio");
const PUBLISHED = /^oci:\/\/registry\.example\.com\/meshwright\/([a-z-]+):/;

/** All files of istio/, as paths from the repository's folder. */
export function files(): string[] {
  return readdirSync(FOLDER, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => relative(ROOT, join(entry.parentPath, entry.name)))
    .sort();
}

/** The folders that `kubectl apply -k` takes. */
export const sets = (): string[] => files().flatMap(file => (file.endsWith("/kustomization.yaml") ? [file.replace(/\/[^/]+$/, "")] : []));

/**
 * The objects of a set after the changes that its comments ask for: images of a registry that exists, pinned, and here every request is traced.
 */
export async function operated(
  set: string,
  images: ReadonlyMap<string, Pushed>,
  operate: (object: Json) => void = () => {},
): Promise<string> {
  const documents = parseAllDocuments(await render(join(ROOT, set)));
  const objects = documents.flatMap(document => (isMap(document.contents) ? [document.toJS() as Json] : []));
  for (const object of objects) {
    visit(object, node => pin(node, images));
    operate(object);
    for (const tracing of object.kind === "Telemetry" ? (object.spec.tracing ?? []) : []) tracing.randomSamplingPercentage = 100;
  }
  return objects.map(object => stringify(object, { version: "1.1" })).join("---\n");
}

function pin(node: Json, images: ReadonlyMap<string, Pushed>): void {
  if (PUBLISHED.test(node.url)) Object.assign(node, pinned(node.url, "url", images));
  // An EnvoyFilter has URL and digest at different depths.
  if (PUBLISHED.test(node.http_uri?.uri)) {
    const { uri, sha256 } = pinned(node.http_uri.uri, "uri", images);
    node.http_uri.uri = uri;
    node.sha256 = sha256;
  }
}

function pinned(url: string, key: string, images: ReadonlyMap<string, Pushed>): Json {
  const filter = PUBLISHED.exec(url)?.[1] ?? "";
  const image = images.get(filter);
  if (!image) throw new Error(`istio: the set takes ${url}, and no filter ${filter} was pushed`);
  return { [key]: image.image, sha256: image.digest };
}

function visit(node: Json, each: (node: Json) => void): void {
  if (typeof node !== "object" || node === null) return;
  each(node);
  for (const child of Object.values(node)) visit(child, each);
}
