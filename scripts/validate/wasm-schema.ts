/** Envoy's Wasm filter (envoy.extensions.filters.http.wasm.v3.Wasm), as far as it is known to Envoy 1.36 to 1.40, names as in protobuf. */

const text = { type: "string" };
const any = {};
const open = { type: "object" };
const closed = (properties: object, more: object = {}) => ({ type: "object", properties, additionalProperties: false, ...more });

const typed = { type: "object", required: ["@type"], properties: { "@type": text } };
const restriction = closed({ allowed_capabilities: { type: "object", additionalProperties: open } });

const code = closed(
  {
    local: closed({ filename: text, inline_bytes: text, inline_string: text, environment_variable: text, watched_directory: open }),
    remote: closed(
      {
        http_uri: closed({ uri: text, cluster: text, timeout: text }, { required: ["uri", "cluster", "timeout"] }),
        sha256: { type: "string", minLength: 1 },
        retry_policy: open,
      },
      { required: ["http_uri", "sha256"] },
    ),
  },
  { oneOf: [{ required: ["local"] }, { required: ["remote"] }] },
);

const vm = closed(
  {
    vm_id: text,
    runtime: { enum: ["v8", "wasmtime", "wamr", "null"].map(name => `envoy.wasm.runtime.${name}`) },
    code,
    configuration: typed,
    allow_precompiled: { type: "boolean" },
    nack_on_code_cache_miss: { type: "boolean" },
    environment_variables: closed({
      host_env_keys: { type: "array", items: text },
      key_values: { type: "object", additionalProperties: text },
    }),
    capability_restriction_config: restriction,
  },
  { required: ["runtime", "code"] },
);

const plugin = closed(
  {
    name: text,
    root_id: text,
    vm_config: vm,
    configuration: typed,
    fail_open: { type: "boolean" },
    failure_policy: { enum: ["UNSPECIFIED", "FAIL_RELOAD", "FAIL_CLOSED", "FAIL_OPEN"] },
    reload_config: open,
    capability_restriction_config: restriction,
    allow_on_headers_stop_iteration: any,
  },
  { required: ["vm_config"] },
);

export const WASM_SCHEMA = closed({ "@type": text, config: plugin }, { required: ["config"] });
