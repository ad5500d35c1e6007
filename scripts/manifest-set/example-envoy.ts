import { completeEnvoy, type ManifestRequest, manifests } from "../manifests/index.ts";
import type { Example, SplitConfig } from "./examples.ts";
import { type Build, meshRequest } from "./requests.ts";
import type { SetFile } from "./set-file.ts";

// biome-ignore lint/suspicious/noExplicitAny: Envoy's configuration, whose parts are put together here.
type Json = any;

const TYPE = "type.googleapis.com/envoy";
const HCM = `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`;
const ROUTER = { name: "envoy.filters.http.router", typed_config: { "@type": `${TYPE}.extensions.filters.http.router.v3.Router` } };
const WASM = `${TYPE}.extensions.filters.http.wasm.v3.Wasm`;
const COLLECTOR = { service: "127.0.0.1", port: 4318 };
/** Where the file stands that Envoy reads again after a switch. */
const active = ({ name }: Example): string => `build/${name}.yaml`;

/** An Envoy before a service of which there are several variants, complete: the variants answer out of the same process. */
export function exampleEnvoy(build: Build, example: Example): SetFile {
  const { name, service, split } = example;
  const whole: Json = completeEnvoy(request(build, "traffic-split", split), { ...COLLECTOR, serviceName: service });
  const [counting] = manifests("envoy", request(build, "tenant-metrics", example.metrics)) as [Json];
  const { listeners, clusters } = whole.static_resources;
  const manager = listeners[0].filter_chains[0].filters[0].typed_config;
  manager.http_filters = [splitting(build, example), lean(counting.http_filters[0]), ROUTER];
  const tags = Object.entries(example.tags ?? {});
  manager.tracing.custom_tags.push(...tags.map(([tag, value]) => ({ tag, value })));
  Object.assign(manager.access_log[0].typed_config.log_format.json_format, example.tags);
  manager.route_config = routes(example);
  const variants = split.variants.map(({ name: variant }) => variant);
  const document = {
    // Envoy asks nobody for a filter without saying who it is.
    ...(example.after ? { node: { id: name, cluster: name } } : {}),
    admin: whole.admin,
    // The variants' listeners have names in the place of ports.
    bootstrap_extensions: [
      {
        name: "envoy.bootstrap.internal_listener",
        typed_config: { "@type": `${TYPE}.extensions.bootstrap.internal_listener.v3.InternalListener` },
      },
    ],
    stats_config: counting.stats_config,
    static_resources: {
      listeners: [...listeners, ...variants.map(variant => answering(example, variant))],
      clusters: [...variants.map(variant => cluster(example, variant)), ...clusters.filter((each: Json) => each.name !== "app")],
    },
  };
  const about = [
    `Envoy before ${service}: traffic-split chooses, tenant-metrics counts. Envoy 1.37 and later. In the repository's folder, after npm run build:`,
    `envoy -c examples/${name}/envoy.yaml${example.after ? `, with ${active(example)} in its place, see README.md` : ""}`,
    `The listeners ${variants.map(variant => hostOf(example, variant)).join(" and ")} stand for the service itself: put its addresses into the clusters.`,
    "Spans go to a collector on port 4318 by OTLP over HTTP; without one they are lost and nothing else.",
  ];
  return { path: `examples/${name}/envoy.yaml`, about, documents: [document] };
}

/** traffic-split as Envoy finds it by ECDS: a file to be moved to where Envoy watches. */
export function switchFile(build: Build, example: Example, name: string, split: SplitConfig): SetFile {
  const [{ http_filters }] = manifests("envoy", request(build, "traffic-split", split)) as [Json];
  const resource = { "@type": `${TYPE}.config.core.v3.TypedExtensionConfig`, ...lean(http_filters[0]) };
  const about = [
    `All requests to ${name}, for Envoy 1.37 and later: copy it beside ${active(example)} and move it there, because only a move is seen.`,
  ];
  return { path: `examples/${example.name}/${name}.yaml`, about, documents: [{ resources: [resource] }] };
}

export const hostOf = ({ service }: Example, variant: string): string => (variant === service ? service : `${service}-${variant}`);

function request(build: Build, filter: string, config: unknown): ManifestRequest {
  return meshRequest(build, filter, { config, code: { from: "file", path: `build/${filter}.wasm` }, envoyVersion: "1.37" });
}

function splitting(build: Build, example: Example): Json {
  const [{ http_filters }] = manifests("envoy", request(build, "traffic-split", example.split)) as [Json];
  if (!example.after) return lean(http_filters[0]);
  const config_source = { path_config_source: { path: active(example) } };
  return { name: "traffic-split", config_discovery: { config_source, type_urls: [WASM] } };
}

/** Without the list of capabilities, for the eye. */
function lean(filter: Json): Json {
  const { capability_restriction_config: _, ...config } = filter.typed_config.config;
  return { ...filter, typed_config: { ...filter.typed_config, config } };
}

/** The route header decides; the first variant takes what has none, as after a crash of the filter. */
function routes(example: Example): Json {
  const [first, ...others] = example.split.variants.map(({ name }) => name);
  const header = example.split.route_header ?? "x-variant";
  const chosen = others.map(variant => ({
    match: { prefix: "/", headers: [{ name: header, string_match: { exact: variant } }] },
    route: { cluster: hostOf(example, variant) },
  }));
  const otherwise = { match: { prefix: "/" }, route: { cluster: hostOf(example, first ?? "") } };
  return { name: "local", virtual_hosts: [{ name: "all", domains: ["*"], routes: [...chosen, otherwise] }] };
}

function cluster(example: Example, variant: string): Json {
  const name = hostOf(example, variant);
  const address = { envoy_internal_address: { server_listener_name: name } };
  return { name, type: "STATIC", load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] } };
}

/** What stands for a variant: it tells its name. */
function answering(example: Example, variant: string): Json {
  const direct_response = { status: 200, body: { inline_string: `served by ${variant}\n` } };
  const special = Object.entries(example.answers ?? {}).map(([path, headers]) => ({
    match: { path },
    direct_response,
    response_headers_to_add: Object.entries(headers).map(([key, value]) => ({ header: { key, value } })),
  }));
  const routesOf = [...special, { match: { prefix: "/" }, direct_response }];
  const manager = {
    "@type": HCM,
    stat_prefix: variant,
    http_filters: [ROUTER],
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: routesOf }] },
  };
  return {
    name: hostOf(example, variant),
    internal_listener: {},
    filter_chains: [{ filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] }],
  };
}
