/** Keeps the traceparent that came for `trace-context` behind the tracer, whose configuration is `{"behind_tracer": true}`. */
export const ORIGINAL_TRACEPARENT = "x-meshwright-traceparent";

const ORIGINAL = `request.headers['${ORIGINAL_TRACEPARENT}']`;
const matches = (pattern: string): string => `${ORIGINAL}.matches('${pattern}')`;

/**
 * What a traceparent has to be for Envoy's tracer to go on with it. The size of a regular expression is limited where Envoy evaluates CEL, and
 * `{32}` of a class of two ranges is beyond that, so lengths and digits are checked apart.
 */
const VALID = [
  matches("^[!-~]{2}-[!-~]{32}-"),
  matches("^[!-~]{52}-"),
  matches("^[0-9a-f]+-[0-9a-f]+-[0-9a-f]+-[0-9a-f]+(-|$)"),
  `!${matches("^[0-9a-f]+-0+-")}`,
  `!${matches("^[0-9a-f]+-[0-9a-f]+-0+-")}`,
  `!${ORIGINAL}.startsWith('ff')`,
  `(size(${ORIGINAL}) == 55 || (!${ORIGINAL}.startsWith('00') && ${matches("^[!-~]{55}-")}))`,
].join(" && ");

/**
 * `early_header_mutation_extensions` of the HTTP connection manager: it runs before the span starts. A traceparent that Envoy's tracer would
 * stumble over is taken away, so that a real root is exported; a higher version is cut to the part that is known.
 */
export function earlyHeaderMutation(): Record<string, unknown>[] {
  const came = "'traceparent' in request.headers && size(request.headers['traceparent']) > 0 ? request.headers['traceparent'] : 'none'";
  const set = (key: string, value: string, append_action: string) => ({ append: { header: { key, value }, append_action } });
  return [
    {
      name: "envoy.http.early_header_mutation.header_mutation",
      typed_config: {
        "@type": "type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation",
        mutations: [
          { remove: ORIGINAL_TRACEPARENT },
          set(ORIGINAL_TRACEPARENT, `%CEL(${came})%`, "OVERWRITE_IF_EXISTS_OR_ADD"),
          { remove: "traceparent" },
          set("traceparent", `%CEL(${VALID} ? ${ORIGINAL} : ''):55%`, "APPEND_IF_EXISTS_OR_ADD"),
        ],
      },
    },
  ];
}
