import { compareVersions } from "../envoy/versions.ts";

const TYPE = "type.googleapis.com/envoy";
const HEADER = `${TYPE}.type.matcher.v3.HttpRequestHeaderMatchInput`;
const COMPOSITE = `${TYPE}.extensions.filters.http.composite.v3`;

type Predicate = Record<string, unknown>;

/** An entry of `http_filters`: a filter that stands here, or is found elsewhere. */
interface FilterEntry {
  readonly name?: unknown;
  readonly typed_config?: unknown;
  readonly config_discovery?: unknown;
}

/**
 * Puts a filter behind a matcher, by which Envoy makes it for the requests alone whose span its OpenTelemetry tracer exports. The tracer has
 * decided when filters are made, by headers that the matcher sees as well (the filter span-attributes does the same with `"when": "sampled"`).
 * Where they do not tell for sure, such as with a traceparent that came twice, the filter runs.
 */
export function skipUnsampled({ name, typed_config, config_discovery }: FilterEntry, envoyVersion: string): Record<string, unknown> {
  const filter = config_discovery ? { dynamic_config: { name, config_discovery } } : { typed_config: { name, typed_config } };
  const action = { name: "run", typed_config: { "@type": `${COMPOSITE}.ExecuteFilterAction`, ...filter } };
  return {
    name,
    typed_config: {
      "@type": `${TYPE}.extensions.common.matching.v3.ExtensionWithMatcher`,
      extension_config: { name: "envoy.filters.http.composite", typed_config: { "@type": `${COMPOSITE}.Composite` } },
      xds_matcher: { matcher_list: { matchers: [{ predicate: mayBeSampled(envoyVersion), on_match: { action } }] } },
    },
  };
}

/** Since 1.39 a span needs both decisions, Envoy's own and that of the parent; before, the parent's alone counts where there is one. */
function mayBeSampled(envoyVersion: string): Predicate {
  // The digit of a UUID that tells its version tells Envoy's decision here: 9 sampled, a forced by a service, b forced by a client.
  const isChosen = header("x-request-id", ".{14}[9ab].{21}");
  const isParentUnsampled = header("traceparent", ".{54}[02468aceACE]");
  const decisions = compareVersions(envoyVersion, "1.39") >= 0 ? isChosen : or(isChosen, header("traceparent", ".*"));
  return { and_matcher: { predicate: [decisions, { not_matcher: isParentUnsampled }] } };
}

/** Whether the request has the header, and all of its value is `regex`. */
function header(header_name: string, regex: string): Predicate {
  const input = { name: header_name, typed_config: { "@type": HEADER, header_name } };
  return { single_predicate: { input, value_match: { safe_regex: { google_re2: {}, regex } } } };
}

function or(...predicate: Predicate[]): Predicate {
  return { or_matcher: { predicate } };
}
