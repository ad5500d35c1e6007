/**
 * How the terminal learns of a request: a small Lua filter in front of the Wasm filter notes the headers as the client sent them,
 * and the access log carries them out together with status and duration.
 */

/** First in the chain, so that what it sees is the client's; Envoy itself has added x-request-id and x-forwarded-proto by then. */
export const NOTING_FILTER = {
  name: "meshwright.note",
  typedConfig: {
    "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
    default_source_code: {
      inline_string: [
        "function envoy_on_request(handle)",
        "  local all = {}",
        '  for name, value in pairs(handle:headers()) do all[#all + 1] = name .. ": " .. value end',
        '  handle:streamInfo():dynamicMetadata():set("meshwright", "headers", table.concat(all, "\\n"))',
        "end",
      ].join("\n"),
    },
  },
};

export const ACCESS_LOG = {
  to: "stdout" as const,
  json: {
    meshwright: "request",
    id: "%REQ(X-REQUEST-ID)%",
    method: "%REQ(:METHOD)%",
    path: "%REQ(:PATH)%",
    status: "%RESPONSE_CODE%",
    details: "%RESPONSE_CODE_DETAILS%",
    ms: "%DURATION%",
    traceparent: "%REQ(TRACEPARENT)%",
    headers: "%DYNAMIC_METADATA(meshwright:headers)%",
  },
};

/** A line of that access log. */
export interface Noted {
  id: string | null;
  method: string | null;
  path: string | null;
  status: number;
  details: string | null;
  ms: number;
  /** As it went upstream. */
  traceparent: string | null;
  headers: [name: string, value: string][];
}

/** null for every other line of Envoy's output. */
export function parseNoted(line: string): Noted | null {
  if (!line.startsWith("{") || !line.includes('"meshwright":"request"')) return null;
  const entry = JSON.parse(line) as Omit<Noted, "headers"> & { headers: string | null };
  const lines = entry.headers ? entry.headers.split("\n") : [];
  return { ...entry, headers: lines.map(text => [text.slice(0, text.indexOf(": ", 1)), text.slice(text.indexOf(": ", 1) + 2)]) };
}
