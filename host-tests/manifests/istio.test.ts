import { describe, expect, it } from "vitest";
import { DIGEST, documents, request } from "./fixtures.ts";

const ATTRIBUTES = { attributes: [{ name: "user.id", header: "x-user-id" }] };
const METADATA = { name: "span-attributes", namespace: "istio-system" };
const FORMATTER = { formatter: { value: "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%" } };

describe("target istio", () => {
  it("is a WasmPlugin and the Telemetry with its custom tags", () => {
    expect(documents("istio", request("span-attributes", { config: ATTRIBUTES }))).toEqual([
      {
        apiVersion: "extensions.istio.io/v1alpha1",
        kind: "WasmPlugin",
        metadata: METADATA,
        spec: {
          phase: "STATS",
          url: "oci://registry.example/filter:1.0",
          sha256: DIGEST,
          pluginName: "span-attributes",
          failStrategy: "FAIL_CLOSE",
          pluginConfig: ATTRIBUTES,
        },
      },
      {
        apiVersion: "telemetry.istio.io/v1",
        kind: "Telemetry",
        metadata: METADATA,
        spec: { tracing: [{ customTags: { "user.id": FORMATTER } }] },
      },
    ]);
  });

  it("moves attributes to request headers before Istio 1.29, in filter and tags alike", () => {
    const config = {
      attributes: [{ name: "User.id", header: "x-user-id" }],
      request_header_prefix: "X-My-",
      to: ["baggage", "filter_state"],
    };
    const [plugin, telemetry] = documents("istio", request("span-attributes", { config, istioVersion: "1.28.3" }));
    expect(plugin.spec.pluginConfig).toEqual({ ...config, to: ["request_header", "baggage"] });
    expect(telemetry.spec.tracing).toEqual([{ customTags: { "User.id": { header: { name: "x-my-user-id" } } } }]);
    const [both] = documents("istio", request("mesh-telemetry", { config: { trace_context: { trust: "none" } }, istioVersion: "1.28" }));
    expect(both.spec.pluginConfig).toEqual({ trace_context: { trust: "none" }, span_attributes: { to: ["request_header"] } });
  });

  it("refuses attributes that would be one header, as the filter does", () => {
    const config = { custom_attributes: { "a.b": "1", a_b: "2" }, attributes: [] };
    const made = () => documents("istio", request("span-attributes", { config, istioVersion: "1.28" }));
    expect(made).toThrow('"a.b" and "a_b" would be the same request header x-span-a-b');
  });

  it("reads tags from where the configuration puts attributes", () => {
    const tags = (to: string[]) =>
      documents("istio", request("span-attributes", { config: { ...ATTRIBUTES, to } }))[1]?.spec.tracing[0].customTags;
    expect(tags(["request_header", "filter_state"])).toEqual({ "user.id": FORMATTER });
    expect(tags(["request_header"])).toEqual({ "user.id": { header: { name: "x-span-user-id" } } });
    expect(tags(["baggage"])).toBeUndefined();
  });

  it("grants the environment variables that the configuration reads", () => {
    const config = { attributes: [{ name: "app.version", env: "APP_VERSION" }] };
    const [plugin] = documents("istio", request("span-attributes", { config }));
    expect(plugin.spec.vmConfig).toEqual({ env: [{ name: "APP_VERSION", valueFrom: "HOST" }] });
  });

  it("selects by labels or by Gateway, in both documents", () => {
    const specs = (scope: Parameters<typeof request>[1]) => documents("istio", request("span-attributes", scope)).map(({ spec }) => spec);
    for (const spec of specs({ scope: { kind: "labels", labels: { app: "yes" } } })) {
      expect(spec).toMatchObject({ selector: { matchLabels: { app: "yes" } } });
      expect(spec.targetRefs).toBeUndefined();
    }
    for (const spec of specs({ scope: { kind: "gateway", name: "edge" } })) {
      expect(spec).toMatchObject({ targetRefs: [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" }] });
      expect(spec.selector).toBeUndefined();
    }
  });

  it("names failure strategies as Istio does, and a provider where one is given", () => {
    const strategies = (["closed", "open", "reload"] as const).map(
      failurePolicy => documents("istio", request("span-attributes", { failurePolicy }))[0].spec.failStrategy,
    );
    expect(strategies).toEqual(["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"]);
    const [, telemetry] = documents("istio", request("span-attributes", { provider: "otel" }));
    expect(telemetry.spec.tracing[0].providers).toEqual([{ name: "otel" }]);
  });

  it("has no Telemetry for a filter that sets no span attributes", () => {
    expect(documents("istio", request("trace-context")).map(({ kind }) => kind)).toEqual(["WasmPlugin"]);
  });

  it.each([
    ["another runtime", { runtime: "wamr" }, "v8 only"],
    ["a module that is nowhere", { code: { from: "file", path: "/x.wasm" } }, "--image"],
    ["a reload before 1.27", { failurePolicy: "reload", istioVersion: "1.26" }, "1.27"],
    ["a configuration that is no object", { config: "text" }, "object"],
  ] as const)("refuses %s", (_, more, reason) => {
    expect(() => documents("istio", request("span-attributes", more))).toThrow(reason);
  });
});

describe("target traffic-extension", () => {
  it("is a TrafficExtension with the plugin below wasm", () => {
    const [extension, telemetry] = documents("traffic-extension", request("span-attributes", { config: ATTRIBUTES, phase: "UNSPECIFIED" }));
    expect(extension).toEqual({
      apiVersion: "extensions.istio.io/v1alpha1",
      kind: "TrafficExtension",
      metadata: METADATA,
      spec: {
        phase: "UNSPECIFIED",
        wasm: {
          url: "oci://registry.example/filter:1.0",
          sha256: DIGEST,
          pluginName: "span-attributes",
          failStrategy: "FAIL_CLOSE",
          pluginConfig: ATTRIBUTES,
        },
      },
    });
    expect(telemetry.kind).toBe("Telemetry");
  });

  it("is refused before Istio 1.30", () => {
    expect(() => documents("traffic-extension", request("span-attributes", { istioVersion: "1.29" }))).toThrow("1.30");
  });
});

describe("target envoyfilter", () => {
  const config = { custom_attributes: { "app.version": "v1.2.3", "deployment.environment": "production" } };
  const url = "https://modules.example.com/span-attributes.wasm";
  const code = { from: "url", url, sha256: DIGEST } as const;

  it("puts the filter before the router, and a cluster that reaches the module", () => {
    const [filter, telemetry] = documents("envoyfilter", request("span-attributes", { name: "custom-span-attributes", config, code }));
    expect(filter).toMatchObject({
      apiVersion: "networking.istio.io/v1alpha3",
      kind: "EnvoyFilter",
      metadata: { name: "custom-span-attributes", namespace: "istio-system" },
      spec: { priority: 10 },
    });
    const [cluster, patch, ...more] = filter.spec.configPatches;
    expect(more).toEqual([]);
    expect(cluster).toMatchObject({ applyTo: "CLUSTER", match: { context: "SIDECAR_INBOUND" }, patch: { operation: "ADD" } });
    expect(cluster.patch.value).toMatchObject({
      name: "span-attributes-module",
      transport_socket: { typed_config: { sni: "modules.example.com" } },
    });
    const subFilter = { name: "envoy.filters.http.router" };
    expect(patch).toMatchObject({
      applyTo: "HTTP_FILTER",
      match: {
        context: "SIDECAR_INBOUND",
        listener: { filterChain: { filter: { name: "envoy.filters.network.http_connection_manager", subFilter } } },
      },
      patch: { operation: "INSERT_BEFORE" },
    });
    const { configuration, ...plugin } = patch.patch.value.typed_config.config;
    expect(plugin).toMatchObject({
      root_id: "span-attributes",
      failure_policy: "FAIL_CLOSED",
      vm_config: {
        runtime: "envoy.wasm.runtime.v8",
        code: { remote: { http_uri: { uri: url, cluster: "span-attributes-module", timeout: "30s" }, sha256: DIGEST } },
      },
    });
    expect(plugin).not.toHaveProperty("fail_open");
    expect(JSON.parse(configuration.value)).toEqual(config);
    expect(Object.keys(telemetry.spec.tracing[0].customTags)).toEqual(expect.arrayContaining(["app.version", "deployment.environment"]));
  });

  it("allows what the module imports and exports", () => {
    const [filter] = documents("envoyfilter", request("trace-context", { code }));
    const { capability_restriction_config } = filter.spec.configPatches[1].patch.value.typed_config.config;
    const allowed = Object.keys(capability_restriction_config.allowed_capabilities);
    expect(allowed).toEqual(expect.arrayContaining(["proxy_log", "proxy_on_configure", "proxy_on_request_headers", "random_get"]));
    expect(allowed.filter(name => /^(memory|_initialize|proxy_abi_version.*|environ_get)$/.test(name))).toEqual([]);
  });

  it("takes another engine, a cluster that is there, and a Gateway", () => {
    const more = { runtime: "wasmtime", scope: { kind: "gateway", name: "edge" }, code: { ...code, cluster: "modules" } } as const;
    const [{ spec }] = documents("envoyfilter", request("span-attributes", more));
    expect(spec.configPatches).toHaveLength(1);
    expect(spec).toMatchObject({ targetRefs: [{ name: "edge" }], configPatches: [{ match: { context: "GATEWAY" } }] });
    const { vm_config } = spec.configPatches[0].patch.value.typed_config.config;
    expect(vm_config).toMatchObject({ runtime: "envoy.wasm.runtime.wasmtime", code: { remote: { http_uri: { cluster: "modules" } } } });
    expect(() => documents("envoyfilter", request("span-attributes"))).toThrow("--remote");
  });
});
