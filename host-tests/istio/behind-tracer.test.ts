import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { ORIGINAL_TRACEPARENT } from "../envoy/index.ts";
import { manifest } from "../manifests/command.ts";
import { ROOT } from "../oci/fixtures.ts";
import { generate, type Json } from "./checker.ts";
import { aroundSidecar } from "./surroundings.ts";

const PROXY = { type: "sidecar", version: "1.31.0", namespace: "shop", cluster: "checkout.shop", labels: { app: "checkout" } } as const;
const PORTS = { proxy: 15080, application: 8080, collector: 4317 };
const OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

it("istiod puts trace-context behind the tracer of what comes in, with a protocol, and leaves the collector's cluster alone", async () => {
  const remote = ["--remote", "https://modules.example.com/trace-context.wasm"];
  const { out } = await manifest("trace-context", "--target", "envoyfilter", "--behind-tracer", ...remote);
  const values = readFileSync(join(ROOT, "istio/helm/values.yaml"), "utf8");
  const [made] = await generate({ values, manifests: `${out}---\n${aroundSidecar("shop", PORTS)}`, proxies: [PROXY] });
  const named = (name: string): Json =>
    made?.clusters.find((cluster: Json) => cluster.name.startsWith(name))?.typed_extension_protocol_options[OPTIONS];
  expect(named("inbound|15080|")).toMatchObject({
    use_downstream_protocol_config: { http_protocol_options: {}, http2_protocol_options: {} },
    http_filters: [{ name: "trace-context" }, { name: "envoy.filters.http.upstream_codec" }],
  });
  const collector = named("outbound|4317|");
  expect(collector).toMatchObject({ explicit_http_config: { http2_protocol_options: {} } });
  expect(collector).not.toHaveProperty("http_filters");
  const changed = made?.listeners.filter(listener => JSON.stringify(listener).includes(ORIGINAL_TRACEPARENT)).map(({ name }) => name);
  expect(changed).toContain("127.0.0.1_15080");
  expect(changed).not.toContain("0.0.0.0_4317");
});
