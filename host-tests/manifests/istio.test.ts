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

  it("grants those that labels of metrics, keys and attributes of exported spans read", () => {
    const env = (filter: string, config: object) => documents("istio", request(filter, { config }))[0].spec.vmConfig?.env;
    const granted = (name: string) => [{ name, valueFrom: "HOST" }];
    expect(env("tenant-metrics", { labels: [{ name: "zone", env: "ZONE" }] })).toEqual(granted("ZONE"));
    expect(env("request-auth", { api_keys: { env: "API_KEYS" } })).toEqual(granted("API_KEYS"));
    const exported = { export: { cluster: "otel", span_attributes: { attributes: [{ name: "pod", env: "POD_NAME" }] } } };
    expect(env("trace-context", exported)).toEqual(granted("POD_NAME"));
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

  it("makes one Telemetry of tags, sampling, access log and metrics", () => {
    const more = { provider: "otel", sampling: 5, accessLog: "log", metricTags: { tenant_id: "x-tenant-id" }, config: ATTRIBUTES };
    const [, { spec }] = documents("istio", request("span-attributes", more));
    const value = "'x-tenant-id' in request.headers ? request.headers['x-tenant-id'] : 'unknown'";
    expect(spec).toEqual({
      tracing: [{ providers: [{ name: "otel" }], randomSamplingPercentage: 5, customTags: { "user.id": FORMATTER } }],
      accessLogging: [{ providers: [{ name: "log" }] }],
      metrics: [
        {
          providers: [{ name: "prometheus" }],
          overrides: [{ match: { metric: "REQUEST_COUNT" }, tagOverrides: { tenant_id: { value } } }],
        },
      ],
    });
  });

  it("has tags for attributes that are given, from wherever they are, in the place of the filter's own", () => {
    const tags = [
      { name: "plan", source: { from: "state" } },
      { name: "user.id", source: { from: "header", header: "x-user", default: "nobody" } },
      { name: "env", source: { from: "literal", value: "production" } },
      { name: "pod", source: { from: "env", variable: "POD_NAME" } },
    ] as const;
    const [, { spec }] = documents("istio", request("span-attributes", { tags, config: ATTRIBUTES }));
    expect(spec.tracing[0].customTags).toEqual({
      plan: { formatter: { value: "%FILTER_STATE(wasm.span.attributes.plan:PLAIN)%" } },
      "user.id": { header: { name: "x-user", defaultValue: "nobody" } },
      env: { literal: { value: "production" } },
      pod: { environment: { name: "POD_NAME" } },
    });
    const old = () => documents("istio", request("span-attributes", { tags, istioVersion: "1.28" }));
    expect(old).toThrow("give --tag plan=header:NAME");
  });

  it("has a tag for the traceparent that an edge does not trust, where tags can read it", () => {
    const tags = (istioVersion: string) => {
      const made = documents("istio", request("trace-context", { config: { trust: "none" }, istioVersion }));
      return made.slice(1).map(({ spec }) => Object.keys(spec.tracing[0].customTags));
    };
    expect(tags("1.31")).toEqual([["trace_context.untrusted_traceparent"]]);
    // It is written nowhere else.
    expect(tags("1.28")).toEqual([]);
  });

  it("has the tags of traffic-split, or on old proxies the header by which it routes", () => {
    const variants = [{ name: "stable" }, { name: "canary", attributes: { "ui.version": "v2" } }];
    const more = { config: { variants, fault: {}, route_header: "X-Way" }, edges: { imports: [], exports: [] } };
    const tags = (istioVersion: string) =>
      documents("istio", { ...request("span-attributes", more), filter: "traffic-split", istioVersion })[1].spec.tracing[0].customTags;
    expect(Object.keys(tags("1.31"))).toEqual(["experiment", "variant", "ui.version", "fault.injected"]);
    expect(tags("1.28")).toEqual({ variant: { header: { name: "x-way" } } });
  });

  it("takes one side of the proxies, and no tracer", () => {
    const [plugin, telemetry] = documents("istio", request("span-attributes", { mode: "SERVER", tracer: false, accessLog: "log" }));
    expect(plugin.spec.match).toEqual([{ mode: "SERVER" }]);
    expect(telemetry.spec).toEqual({ tracing: [{ disableSpanReporting: true }], accessLogging: [{ providers: [{ name: "log" }] }] });
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
    expect(allowed.filter(name => /^(memory|_initialize|proxy_abi_version.*)$/.test(name))).toEqual([]);
  });

  it("takes another engine, a cluster that is there, and a Gateway", () => {
    const more = { runtime: "wasmtime", scope: { kind: "gateway", name: "edge" }, code: { ...code, cluster: "modules" } } as const;
    const [{ spec }] = documents("envoyfilter", request("span-attributes", more));
    expect(spec.configPatches).toHaveLength(1);
    expect(spec).toMatchObject({ targetRefs: [{ name: "edge" }], configPatches: [{ match: { context: "GATEWAY" } }] });
    const { vm_config } = spec.configPatches[0].patch.value.typed_config.config;
    expect(vm_config).toMatchObject({ runtime: "envoy.wasm.runtime.wasmtime", code: { remote: { http_uri: { cluster: "modules" } } } });
  });

  it("lets Istio's agent pull an image, for which the filter has to be discovered", () => {
    const [{ spec }] = documents("envoyfilter", request("span-attributes"));
    const [extension, filter, ...more] = spec.configPatches;
    expect(more).toEqual([]);
    const remote = { http_uri: { uri: "oci://registry.example/filter:1.0", cluster: "_", timeout: "30s" }, sha256: DIGEST };
    expect(extension).toMatchObject({ applyTo: "EXTENSION_CONFIG", patch: { operation: "ADD", value: { name: "span-attributes" } } });
    expect(extension.patch.value.typed_config.config.vm_config.code).toEqual({ remote });
    expect(filter).toMatchObject({ applyTo: "HTTP_FILTER", match: { context: "SIDECAR_INBOUND" }, patch: { operation: "INSERT_BEFORE" } });
    const { name, config_discovery } = filter.patch.value;
    expect({ name, ...config_discovery }).toMatchObject({
      name: "span-attributes",
      config_source: { ads: {} },
      type_urls: [/wasm/, /rbac/].map(each => expect.stringMatching(each)),
    });
    const code = { from: "image", url: "oci://registry.example/filter:1.0", sha256: null } as const;
    const [unpinned] = documents("envoyfilter", request("span-attributes", { code }));
    // What the agent reads as no digest; Envoy's schema wants a text there.
    expect(unpinned.spec.configPatches[0].patch.value.typed_config.config.vm_config.code.remote.sha256).toBe("nil");
  });

  it("puts restrictions where the oldest Envoy of the mesh reads them", () => {
    const place = (istioVersion: string) => {
      const [{ spec }] = documents("envoyfilter", request("span-attributes", { istioVersion }));
      return spec.configPatches[0].patch.value.typed_config.config;
    };
    expect(place("1.31")).toHaveProperty("capability_restriction_config");
    expect(place("1.32").vm_config).toHaveProperty("capability_restriction_config");
    expect(place("1.32")).not.toHaveProperty("capability_restriction_config");
  });
});
