import { SPAN_STATE_PREFIX } from "../envoy-config/index.ts";
import type { SpanTag } from "./request.ts";

/** How Envoy's format strings name the filter state that the SDK sets; without PLAIN the value is base64 in JSON. */
const stateFormat = (name: string, prefix = SPAN_STATE_PREFIX): string => `%FILTER_STATE(wasm.${prefix}${name}:PLAIN)%`;

/** An entry of the HttpConnectionManager's `tracing.custom_tags`. */
export function envoyTag({ name, source }: SpanTag): Record<string, unknown> {
  switch (source.from) {
    case "state":
      return { tag: name, value: stateFormat(name, source.prefix) };
    case "header":
      return { tag: name, request_header: { name: source.header, ...fallback("default_value", source.default) } };
    case "literal":
      return { tag: name, literal: { value: source.value } };
    case "env":
      return { tag: name, environment: { name: source.variable, ...fallback("default_value", source.default) } };
  }
}

/** A value of Telemetry's `customTags`. */
export function istioTag({ name, source }: SpanTag): Record<string, unknown> {
  switch (source.from) {
    case "state":
      return { formatter: { value: stateFormat(name, source.prefix) } };
    case "header":
      return { header: { name: source.header, ...fallback("defaultValue", source.default) } };
    case "literal":
      return { literal: { value: source.value } };
    case "env":
      return { environment: { name: source.variable, ...fallback("defaultValue", source.default) } };
  }
}

/** The same value in an access log. */
export function logFormat({ name, source }: SpanTag): string {
  switch (source.from) {
    case "state":
      return stateFormat(name, source.prefix);
    case "header":
      return `%REQ(${source.header})%`;
    case "literal":
      return source.value.replaceAll("%", "%%");
    case "env":
      return `%ENVIRONMENT(${source.variable})%`;
  }
}

function fallback(key: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [key]: value };
}
