import { describe, expect, it } from "vitest";
import type { ManifestRequest } from "../../scripts/manifests/index.ts";
import { documents, request } from "./fixtures.ts";

const USER = { name: "user.id", header: "x-user-id" };
const asked = (config: unknown, more: Partial<ManifestRequest> = {}): ManifestRequest =>
  request("span-attributes", { config, staticTags: true, ...more });

describe("--static-tags", () => {
  it("makes custom tags of literals, and leaves the filter what a request decides", () => {
    const config = {
      custom_attributes: { "app.version": "v1", replicas: 3, "user.id": "nobody" },
      attributes: [USER, { name: "zone", value: "eu" }, { name: "zone", default: "?", value: "us" }, { name: "pod", env: "POD" }],
      constants: "connection",
    };
    const [plugin, telemetry] = documents("istio", asked(config));
    expect(plugin.spec.pluginConfig).toEqual({
      custom_attributes: { "user.id": "nobody" },
      attributes: [USER, { name: "pod", env: "POD" }],
      constants: "connection",
    });
    expect(telemetry.spec.tracing[0].customTags).toEqual({
      "user.id": { formatter: { value: "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%" } },
      pod: { formatter: { value: "%FILTER_STATE(wasm.span.attributes.pod:PLAIN)%" } },
      zone: { literal: { value: "eu" } },
      "app.version": { literal: { value: "v1" } },
      replicas: { literal: { value: "3" } },
    });
  });

  it("does the same within mesh-telemetry and for Envoy, and lets an explicit tag win", () => {
    const config = { span_attributes: { custom_attributes: { "app.version": "v1" }, attributes: [USER] }, trace_context: {} };
    const more = { filter: "mesh-telemetry", tags: [{ name: "app.version", source: { from: "literal", value: "v2" } }] } as const;
    const [blocks] = documents("envoy", asked(config, { ...more, code: { from: "file", path: "/m.wasm" } }));
    const { value } = blocks.http_filters[0].typed_config.config.configuration;
    expect(JSON.parse(value)).toEqual({ span_attributes: { attributes: [USER] }, trace_context: {} });
    expect(blocks.tracing.custom_tags).toEqual([
      { tag: "user.id", value: "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%" },
      { tag: "app.version", literal: { value: "v2" } },
    ]);
  });

  it("leaves to the filter what its defaults may replace, what it would cut, and what it would clean", () => {
    const custom_attributes = { "cluster.name": "here", long: "x".repeat(9), bell: "a\u0007", short: "x" };
    const [plugin] = documents("istio", asked({ custom_attributes, max_length: 8 }));
    const { short, ...kept } = custom_attributes;
    expect(short).toBe("x");
    expect(plugin.spec.pluginConfig).toEqual({ custom_attributes: kept, max_length: 8 });
  });

  it("keeps an empty list, which is not the defaults", () => {
    const [plugin] = documents("istio", asked({ attributes: [{ name: "zone", value: "eu" }] }));
    expect(plugin.spec.pluginConfig).toEqual({ attributes: [] });
  });

  it("refuses other targets of attributes, and other filters", () => {
    expect(() => documents("istio", asked({ to: ["filter_state", "baggage"] }))).toThrow(/only the filter can put attributes into/);
    expect(() => documents("istio", request("trace-context", { staticTags: true }))).toThrow(/--static-tags is for span-attributes and/);
  });
});

describe("state_prefix", () => {
  it("is in the tags and in the access log", () => {
    const config = { attributes: [USER], state_prefix: "a." };
    const [, telemetry] = documents("istio", request("span-attributes", { config }));
    expect(telemetry.spec.tracing[0].customTags["user.id"]).toEqual({ formatter: { value: "%FILTER_STATE(wasm.a.user.id:PLAIN)%" } });
    const mesh = { span_attributes: { attributes: [USER], state_prefix: "" } };
    const [blocks] = documents("envoy", request("mesh-telemetry", { config: mesh, code: { from: "file", path: "/m.wasm" } }));
    expect(blocks.tracing.custom_tags).toEqual([{ tag: "user.id", value: "%FILTER_STATE(wasm.user.id:PLAIN)%" }]);
    expect(JSON.stringify(blocks.access_log)).toContain("%FILTER_STATE(wasm.user.id:PLAIN)%");
  });
});
