import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { parse } from "yaml";
import type { ManifestRequest } from "../../scripts/manifests/index.ts";
import { envoyConfig, type Place } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";
import { manifest } from "./command.ts";
import { documents, request } from "./fixtures.ts";

const USER = { name: "user.id", header: "x-user-id" };
const TAG = "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%";
const CONFIG = { span_attributes: { attributes: [USER] } };
const asked = (filter: string, config: unknown, more: Partial<ManifestRequest> = {}): ManifestRequest =>
  request(filter, { config, skipUnsampled: true, code: { from: "file", path: "/m.wasm" }, ...more });

describeEnvoy("manifest mesh-telemetry --skip-unsampled", { versions: ["1.37.0", "1.39.3", "1.40.0"] }, envoy => {
  it("puts attributes on the spans that are exported, and calls the filter for no other request", async () => {
    const otlp = await envoy.receiver();
    const filterOf = (place: Place) => {
      const code = { from: "file", path: place.file("build/mesh-telemetry.wasm") } as const;
      const [{ access_log, tracing, http_filters }] = documents(
        "envoy",
        asked("mesh-telemetry", CONFIG, { code, envoyVersion: envoy.version }),
      );
      expect(tracing.custom_tags).toEqual([{ tag: "user.id", value: TAG }]);
      expect(JSON.stringify(access_log)).toContain(TAG);
      return http_filters[0].typed_config;
    };
    const proxy = await envoy.start({
      config: place => {
        const filters = [{ name: "mesh-telemetry", typedConfig: filterOf(place) }];
        const tracing = { otlp: otlp.url, randomSampling: 0, customTags: { "user.id": TAG } };
        return envoyConfig({ tracing, listeners: [{ name: "in", filters, accessLog: { json: { user: TAG } } }] }, place);
      },
    });
    const id = (decision: string): [string, string] => ["x-request-id", `a1b2c3d4-1111-${decision}222-8333-444455556666`];
    for (const decision of ["4", "9"]) await proxy.request("in", { headers: [["x-user-id", `u${decision}`], id(decision)] });
    expect(await proxy.waitForAccessLog(2, "in")).toEqual([{ user: null }, { user: "u9" }]);
    const [span] = await otlp.waitForSpans(1);
    expect(span?.attributes["user.id"]).toBe("u9");
  });
});

describe("--skip-unsampled", () => {
  it("finds a filter that Istio's agent pulls, and has one there that Envoy fetches", () => {
    const action = (more: Partial<ManifestRequest>) => {
      const [{ spec }] = documents("envoyfilter", asked("mesh-telemetry", CONFIG, more));
      const { typed_config } = spec.configPatches.at(-1).patch.value;
      return typed_config.xds_matcher.matcher_list.matchers[0].on_match.action.typed_config;
    };
    const image = action({ code: { from: "image", url: "oci://registry.example/filter:1.0", sha256: null } });
    expect(image.dynamic_config).toMatchObject({ name: "mesh-telemetry", config_discovery: { config_source: { ads: {} } } });
    const remote = action({ code: { from: "url", url: "https://modules.example/f.wasm", sha256: "5e".repeat(32) } });
    expect(remote.typed_config).toMatchObject({ name: "mesh-telemetry", typed_config: { config: { root_id: "mesh-telemetry" } } });
  });

  it("lets the oldest Envoy of the mesh decide what counts", () => {
    const text = (istioVersion: string) => JSON.stringify(documents("envoyfilter", asked("mesh-telemetry", CONFIG, { istioVersion })));
    expect(text("1.31")).not.toContain("or_matcher");
    expect(text("1.30")).toContain("or_matcher");
  });

  it("goes with a filter that is found in a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "meshwright-skip-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, "filter.json");
    const args = ["mesh-telemetry", "--target", "envoy", "--skip-unsampled", "--ecds", file];
    const { out, err, status } = await manifest(...args);
    expect(status, err).toBe(0);
    const [{ typed_config }] = parse(out).http_filters;
    const { dynamic_config } = typed_config.xds_matcher.matcher_list.matchers[0].on_match.action.typed_config;
    expect(dynamic_config.config_discovery.config_source.path_config_source.path).toBe("/etc/envoy/filters/filter.json");
    expect(JSON.parse(readFileSync(file, "utf8")).resources[0].typed_config.config.root_id).toBe("mesh-telemetry");
  });

  it.each([
    ["tenant-metrics", undefined, {}, /tenant-metrics does more than set attributes of spans; leave out --skip-unsampled/],
    ["trace-context", undefined, {}, /trace-context does more than/],
    ["trace-context", undefined, { behindTracer: true }, /what every request takes with it; leave out --skip-unsampled/],
    ["span-attributes", { to: ["filter_state", "request_header"] }, {}, /takes request headers and baggage from whoever sends them/],
    ["mesh-telemetry", { trace_context: { trust: "none" } }, {}, /guards every request/],
    ["mesh-telemetry", { trace_context: { expose: ["trace_id"] } }, {}, /the ids of every request/],
    ["mesh-telemetry", undefined, { tracer: false }, /without a tracer/],
    ["mesh-telemetry", undefined, { envoyVersion: "1.36.4" }, /Envoy before 1.37/],
  ] as const)("refuses %s with %j and %j", (filter, config, more, reason) => {
    expect(() => documents("envoy", asked(filter, config, more))).toThrow(reason);
  });

  it("refuses targets that put no matcher before a filter", () => {
    for (const target of ["istio", "traffic-extension", "helm-values"] as const)
      expect(() => documents(target, asked("mesh-telemetry", CONFIG))).toThrow(/take target envoyfilter/);
  });
});
