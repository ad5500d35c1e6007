import { ManifestError, type ManifestRequest, type SpanTag } from "./request.ts";

/** Filters whose configuration can be parted, with what their settings are to their configuration. */
const SETTINGS: Readonly<Record<string, (config: Settings) => unknown>> = {
  "span-attributes": config => config,
  "mesh-telemetry": config => config.span_attributes,
};

type Settings = Readonly<Record<string, unknown>>;

/**
 * The same request with attributes that are literals as custom tags of their own, and no longer in the filter's configuration: a literal tag
 * costs a request nothing, an attribute that the filter sets a hostcall. What another source of the same name could replace stays with the
 * filter, and so does a value that the filter would not pass on as it stands.
 */
export function withStaticTags(request: ManifestRequest): ManifestRequest {
  const config = asObject(request.config);
  const find = SETTINGS[request.filter];
  if (!find) {
    const expected = Object.keys(SETTINGS).join(" and ");
    throw new ManifestError("config", `--static-tags is for ${expected}; ${request.filter} has no literal attributes; leave it out`);
  }
  const settings = asObject(find(config));
  const to = settings.to ?? ["filter_state"];
  if (!Array.isArray(to) || to.some(place => place !== "filter_state")) {
    const text = "only the filter can put attributes into request headers and baggage; leave --static-tags out, or let";
    throw new ManifestError("config", `${text} "to" be ["filter_state"]`);
  }
  const literals = literalsOf(settings);
  const parted = without(settings, literals);
  const given = new Set((request.tags ?? []).map(({ name }) => name));
  const own = [...literals].filter(([name]) => !given.has(name)).map(literalTag);
  return {
    ...request,
    config: request.filter === "mesh-telemetry" ? { ...config, span_attributes: parted } : parted,
    tags: [...own, ...(request.tags ?? [])],
  };
}

const literalTag = ([name, value]: [string, string]): SpanTag => ({ name, source: { from: "literal", value } });

/** Without a list the filter has its defaults, which read headers and the node's metadata. */
const DEFAULTS = new Set(["user.id", "tenant.id", "cluster.name", "service.version", "k8s.namespace.name"]);

/** Names whose value is the same literal for every request and proxy, with it. */
function literalsOf(settings: Settings): Map<string, string> {
  const items = Array.isArray(settings.attributes) ? settings.attributes.map(asObject) : null;
  const custom = asObject(settings.custom_attributes);
  const isVaried = (name: string): boolean =>
    items ? items.some(item => item.name === name && item.value === undefined) : DEFAULTS.has(name);
  const limit = typeof settings.max_length === "number" ? settings.max_length : 256;
  const literals = new Map<string, string>();
  const add = (name: string, value: string): void => {
    if (!literals.has(name) && !isVaried(name) && isPassedOn(value, limit)) literals.set(name, value);
  };
  // An item of the list goes before the literal of the same name.
  for (const { name, value } of items ?? []) if (typeof name === "string" && typeof value === "string") add(name, value);
  const listed = new Set((items ?? []).map(({ name }) => name));
  for (const [name, value] of Object.entries(custom)) if (!listed.has(name)) add(name, String(value));
  return literals;
}

/** The filter replaces control characters and cuts at the limit. */
function isPassedOn(value: string, limit: number): boolean {
  return !/\p{Cc}|\p{Cs}/u.test(value) && Buffer.byteLength(value) <= limit;
}

function without(settings: Settings, literals: ReadonlyMap<string, string>): Settings {
  const { attributes, custom_attributes, ...others } = settings;
  const custom = Object.fromEntries(Object.entries(asObject(custom_attributes)).filter(([name]) => !literals.has(name)));
  return {
    ...others,
    ...(Object.keys(custom).length > 0 ? { custom_attributes: custom } : {}),
    // An empty list is not the same as none.
    ...(Array.isArray(attributes) ? { attributes: attributes.filter(item => !literals.has(String(asObject(item).name))) } : {}),
  };
}

function asObject(value: unknown): Settings {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Settings) : {};
}
