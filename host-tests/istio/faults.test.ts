import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { temporaryFolder } from "../oci/matrix.ts";
import { type Problem, validate, validateValues } from "./checker.ts";

const URL = "oci://registry.example/filters/span-attributes:1.0";
const HOST = { name: "APP_VERSION", value: "v1", valueFrom: "HOST" };

const extension = (kind: string, spec: object) => ({
  apiVersion: "extensions.istio.io/v1alpha1",
  kind,
  metadata: { name: "faulty", namespace: "istio-system" },
  spec,
});
const plugin = (spec: object) => extension("WasmPlugin", { url: URL, ...spec });
const telemetry = (tracing: object[], name = "faulty") => ({
  apiVersion: "telemetry.istio.io/v1",
  kind: "Telemetry",
  metadata: { name, namespace: "istio-system" },
  spec: { tracing },
});
const envoyFilter = (
  spec: object,
  typed_config: object = { "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm" },
) => {
  const patch = { operation: "INSERT_BEFORE", value: { name: "faulty", typed_config } };
  return {
    apiVersion: "networking.istio.io/v1alpha3",
    kind: "EnvoyFilter",
    metadata: { name: "faulty", namespace: "istio-system" },
    spec: { ...spec, configPatches: [{ applyTo: "HTTP_FILTER", match: { context: "SIDECAR_INBOUND" }, patch }] },
  };
};

const rules = (rule: object) => ({
  apiVersion: "monitoring.coreos.com/v1",
  kind: "PrometheusRule",
  metadata: { name: "faulty", namespace: "observability" },
  spec: { groups: [{ name: "mesh", rules: [{ alert: "Faulty", expr: "up == 0", ...rule }] }] },
});
const kubernetes = (apiVersion: string, kind: string, spec: object) => ({
  apiVersion,
  kind,
  metadata: { name: "faulty", namespace: "shop" },
  spec,
});

/** What is wrong, the object, and the judge that has to see it, with a part of its words. */
const FAULTS: readonly (readonly [string, object, Partial<Problem>])[] = [
  ["an enum's value that only Envoy knows", plugin({ failStrategy: "FAIL_CLOSED" }), { judge: "schema", message: "FAIL_CLOSED" }],
  ["an unknown field", plugin({ pluginNam: "x" }), { judge: "schema", message: "pluginNam" }],
  ["a number for a text", plugin({ vmConfig: { env: [{ name: "A", value: 1 }] } }), { judge: "schema", message: "value" }],
  ["a digest with its scheme", plugin({ sha256: `sha256:${"5e".repeat(32)}` }), { judge: "schema", message: "sha256" }],
  ["selector and targetRefs, by a CEL rule", plugin(bothSelections()), { judge: "schema", message: "one of targetRefs or selector" }],
  ["a value beside valueFrom HOST", plugin({ vmConfig: { env: [HOST] } }), { judge: "schema", message: "value" }],
  ["neither Wasm nor Lua", extension("TrafficExtension", { phase: "STATS" }), { judge: "webhook", message: "" }],
  [
    "two tracing providers",
    telemetry([{ providers: [{ name: "a" }, { name: "b" }] }]),
    { judge: "webhook", level: "Warning", message: "multiple" },
  ],
  ["an unknown field of Envoy's", envoyFilter({ priority: 1 }, wasm({ root: "x" })), { judge: "webhook", message: "root" }],
  ["a relative patch without priority", envoyFilter({}), { judge: "analyzer", code: "IST0151", message: "priority" }],
  ["two Telemetries for one namespace", [telemetry([{}]), telemetry([{}], "another")], { judge: "analyzer", code: "IST0160" }],
  ["a registry's port without oci://", plugin({ url: "registry.example:5000/filter:1" }), { judge: "schema", message: "spec.url" }],
  ["an expression that is no PromQL", rules({ expr: "rate(up[5m) > 0" }), { judge: "prometheus", message: "parse error" }],
  [
    "a function of PromQL's on the wrong type",
    rules({ expr: "rate(up) > 0" }),
    { judge: "prometheus", message: "expected type range vector" },
  ],
  ["a field that rules do not have", rules({ fro: "5m" }), { judge: "prometheus", message: "fro" }],
  ["a template that is none", rules({ annotations: { summary: "{{ $labels.pod | no }}" } }), { judge: "prometheus", message: "no" }],
  [
    "a field that Kubernetes does not have",
    kubernetes("networking.k8s.io/v1", "NetworkPolicy", { podSelectors: {} }),
    { judge: "kubernetes", message: "podSelectors" },
  ],
  ["a text for a number", kubernetes("v1", "Service", { ports: [{ port: "http" }] }), { judge: "kubernetes", message: "port" }],
  ["an address and a port without oci://", plugin({ url: "10.0.0.7:5000/filter:1" }), { judge: "istiod", message: "discards" }],
];

function bothSelections() {
  const targetRefs = [{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" }];
  return { selector: { matchLabels: { app: "shop" } }, targetRefs };
}

function wasm(config: object) {
  return { "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm", config };
}

describe("the judges", () => {
  const folder = temporaryFolder();

  it("see each fault", async () => {
    const files = FAULTS.map(([, object], index) => {
      const file = join(folder, `${index}.yaml`);
      writeFileSync(
        file,
        [object]
          .flat()
          .map(each => stringify(each))
          .join("---\n"),
      );
      return file;
    });
    const verdicts = await validate(files);
    for (const [index, [fault, , { message = "", ...expected }]] of FAULTS.entries()) {
      const problems = verdicts[index]?.problems ?? [];
      expect(problems, fault).toContainEqual(expect.objectContaining({ ...expected, message: expect.stringContaining(message) }));
    }
  });

  it("see none where there is none", async () => {
    const file = join(folder, "good.yaml");
    writeFileSync(file, stringify(plugin({ pluginName: "span-attributes", failStrategy: "FAIL_OPEN" })));
    expect(await validate([file])).toEqual([{ file, objects: ["WasmPlugin istio-system/faulty"], problems: [] }]);
  });

  it("see a key that stands twice", async () => {
    const file = join(folder, "twice.yaml");
    writeFileSync(file, `${stringify(plugin({}))}kind: WasmPlugin\n`);
    expect((await validate([file]))[0]?.problems).toMatchObject([{ judge: "yaml", level: "Error" }]);
  });

  it.each([
    ["does not know", { nam: "otel", opentelemetry: { service: "otel.svc", port: 4317 } }, "nam"],
    ["cannot use", { name: "otel", opentelemetry: { port: 4317 } }, "service must not be empty"],
  ])("see a provider that istiod %s", async (_, provider, words) => {
    const file = join(folder, "values.yaml");
    writeFileSync(file, stringify({ meshConfig: { extensionProviders: [provider] } }));
    expect((await validateValues(file)).problems).toContainEqual(expect.objectContaining({ message: expect.stringContaining(words) }));
  });
});
