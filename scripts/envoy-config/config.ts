import { clusters } from "./clusters.ts";
import { filterResource } from "./filters.ts";
import { listener } from "./listeners.ts";
import { filterPath, listenersPath, localPlace, type Place } from "./place.ts";
import type { EnvoySpec, FilterKind, FilterSpec } from "./spec.ts";
import { yamlDocument, yamlText } from "./yaml-text.ts";

const LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";

/** Envoy's bootstrap for `spec`, as YAML. Without a place: for an Envoy that is a process of this machine. */
export function envoyConfig(spec: EnvoySpec, place: Place = localPlace()): string {
  return yamlText(yamlDocument(bootstrap(spec, place)));
}

/** The files that a dynamic bootstrap reads, by their paths: the listeners (LDS) and each discovered filter (ECDS). */
export function dynamicFiles(spec: EnvoySpec, place: Place): Map<string, string> {
  const files = new Map<string, string>();
  if (spec.dynamicListeners) files.set(listenersPath(place), listenersFile(spec, place));
  for (const { kind, filters } of filterChains(spec)) {
    for (const filter of filters) {
      if ("wasm" in filter && filter.discovered) files.set(filterPath(place, filter.name), filterFile(filter, place, kind));
    }
  }
  return files;
}

/** What the file of a discovered filter holds. */
export function filterFile(filter: FilterSpec, place: Place, kind: FilterKind = "http"): string {
  return yamlText(yamlDocument(filterResource(filter, place, kind)));
}

function listenersFile(spec: EnvoySpec, place: Place): string {
  const resources = spec.listeners.map((entry, index) => ({ "@type": LISTENER, ...listener(spec, entry, index, place) }));
  return yamlText(yamlDocument({ resources }));
}

function filterChains(spec: EnvoySpec): { kind: FilterKind; filters: FilterSpec[] }[] {
  const { listeners, clusters = [] } = spec;
  return [
    ...listeners.map(({ tcp, filters = [] }) => ({ kind: tcp === undefined ? ("http" as const) : ("network" as const), filters })),
    ...clusters.map(({ filters = [] }) => ({ kind: "upstream_http" as const, filters })),
  ];
}

function bootstrap(spec: EnvoySpec, place: Place): Record<string, unknown> {
  const node = spec.node ?? {};
  return {
    node: { id: node.id ?? "meshwright", cluster: node.cluster ?? "meshwright", ...(node.metadata ? { metadata: node.metadata } : {}) },
    admin: { address: { socket_address: { address: place.listenAddress, port_value: place.adminPort } } },
    layered_runtime: { layers: [{ name: "static", static_layer: runtime(spec) }] },
    ...(spec.dynamicListeners ? { dynamic_resources: { lds_config: { path_config_source: { path: listenersPath(place) } } } } : {}),
    static_resources: {
      ...(spec.dynamicListeners ? {} : { listeners: spec.listeners.map((entry, index) => listener(spec, entry, index, place)) }),
      clusters: clusters(spec, place),
    },
    ...spec.bootstrap,
  };
}

/** Spans are sent at once: waiting for Envoy's 5 s and 5 spans would be the longest part of every test. */
function runtime(spec: EnvoySpec): Record<string, unknown> {
  return { "tracing.opentelemetry.flush_interval_ms": 100, "tracing.opentelemetry.min_flush_spans": 1, ...spec.runtime };
}
