import { WASM } from "./wasm-filter.ts";

const RESOURCE = "type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig";

interface Filter {
  readonly name: string;
  readonly typed_config: unknown;
}

/** The folder that Envoy watches, in the documents of this project. */
const FOLDER = "/etc/envoy/filters";

/**
 * Parts Envoy's blocks in two, for hot reload: the listener says that its filter is found in a watched file (ECDS), and `file` is what stands
 * there. JSON, of which no half is ever taken for the whole.
 */
export function discovered(
  blocks: Record<string, unknown>,
  fileName: string,
  folder = FOLDER,
): { listener: Record<string, unknown> & { http_filters: Record<string, unknown>[] }; file: string } {
  const [filter, ...others] = (blocks.http_filters ?? []) as Filter[];
  if (!filter || others.length > 0) throw new Error(`blocks of one filter were expected, found ${others.length + 1}`);
  const { name, typed_config } = filter;
  const path_config_source = { path: `${folder}/${fileName}`, watched_directory: { path: folder } };
  const config_discovery = { type_urls: [WASM], config_source: { path_config_source } };
  return {
    listener: { ...blocks, http_filters: [{ name, config_discovery }] },
    file: `${JSON.stringify({ resources: [{ "@type": RESOURCE, name, typed_config }] }, null, 2)}\n`,
  };
}

/** New code needs a new name: Envoy compares configurations and not files. */
export const modulePath = (filter: string, sha256: string): string => `/etc/envoy/modules/${filter}-${sha256.slice(0, 16)}.wasm`;
