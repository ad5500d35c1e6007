import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";

/** The manifest of the Collector's builder. */
export const MANIFEST = fileURLToPath(new URL("../../otel/builder.yaml", import.meta.url));
/** What the builder generates imports this beside the parts. */
const FRAME = "go.opentelemetry.io/collector/otelcol";

export interface Manifest {
  /** Of the builder and of the parts: v0.155.0. */
  readonly version: string;
  /** `module@version` of all that the Collector is built from. */
  readonly modules: readonly string[];
  /** Tells one manifest from another. */
  readonly hash: string;
}

export async function readManifest(): Promise<Manifest> {
  const text = await readFile(MANIFEST, "utf8");
  const { dist: _, ...kinds } = parse(text) as Record<string, { gomod: string }[]>;
  const modules = Object.values(kinds).flatMap(parts => parts.map(({ gomod }) => gomod.replace(" ", "@")));
  const version = modules.find(module => module.includes("/otlpreceiver@"))?.split("@")[1];
  if (!version)
    throw new Error(`${MANIFEST}: expected go.opentelemetry.io/collector/receiver/otlpreceiver among the receivers, found none`);
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 16);
  return { version, modules: [`${FRAME}@${version}`, ...modules], hash };
}
