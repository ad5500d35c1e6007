import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { type EnvoySpec, envoyConfig, type Place } from "../../scripts/envoy-config/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";

const VALID = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const REQUEST: [string, string][] = [
  ["x-user-id", "u42"],
  ["traceparent", VALID],
];

/** What the YAML blocks below the heading "Envoy" set of the HTTP connection manager and, those that say so, of the bootstrap. */
interface Documented {
  http_filters: { name: string; typed_config: Record<string, unknown> }[];
  tracing?: { custom_tags: object[] };
  access_log?: object[];
  route_config?: object;
  stats_config?: object;
}

function documented(file: string, place: Place): Documented {
  const section = readFileSync(file, "utf8").split(/^## Envoy$/m)[1] ?? "";
  const own = section.split(/^## /m)[0] ?? "";
  const blocks = [...own.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = ""]) => text);
  const [block, ...others] = blocks;
  if (!block) throw new Error(`${file} has no YAML below its heading "Envoy"`);
  const bootstrap = others.filter(text => text.includes("# Bootstrap")).map(text => parse(text));
  const manager = parse(block.replace(/\/etc\/envoy\/([\w-]+\.wasm)/g, (_, module) => place.file(`build/${module}`)));
  return Object.assign({}, manager, ...bootstrap) as Documented;
}

/** Starts Envoy with what the document says, and nothing else but a cluster and a tracer for it. */
async function start(envoy: EnvoySuite, file: string, otlp?: string, others: EnvoySpec["clusters"] = []) {
  const echo = await envoy.echo();
  const config = (place: Place): string => {
    const { http_filters, tracing, access_log, route_config, stats_config } = documented(file, place);
    const filters = http_filters.map(({ name, typed_config }) => ({ name, typedConfig: typed_config }));
    const spec: EnvoySpec = {
      clusters: [{ name: "echo", url: echo.url }, ...others],
      listeners: [{ name: "in", filters, hcm: { ...(access_log && { access_log }), ...(route_config && { route_config }) } }],
      ...(stats_config ? { bootstrap: { stats_config } } : {}),
      ...(otlp ? { tracing: { otlp, tracing: { custom_tags: tracing?.custom_tags } } } : {}),
    };
    return envoyConfig(spec, place);
  };
  return envoy.start({ config, env: { APP_VERSION: "v1.2.3" } });
}

describeEnvoy("Envoy's configuration in the documents", {}, envoy => {
  it.each(["README.md", "assembly/filters/span-attributes/README.md", "assembly/filters/mesh-telemetry/README.md"])(
    "of %s puts user.id and app.version on the span",
    async file => {
      const otlp = await envoy.receiver();
      const proxy = await start(envoy, file, otlp.url);
      await proxy.request({ headers: REQUEST });
      const [span] = await otlp.waitForSpans(1);
      expect(span?.attributes).toMatchObject({ "user.id": "u42", "app.version": "v1.2.3" });
    },
  );

  it("of assembly/filters/trace-context/README.md shows the ids in the access log", async () => {
    const proxy = await start(envoy, "assembly/filters/trace-context/README.md");
    await proxy.request({ headers: REQUEST });
    const line = await proxy.waitForLog(/"trace_id"/);
    expect(JSON.parse(line)).toEqual({
      trace_id: VALID.slice(3, 35),
      span_id: expect.stringMatching(/^(?!b7ad6b7169203331)[0-9a-f]{16}$/),
    });
  });

  it("of assembly/filters/tenant-metrics/README.md shows labels in Prometheus", async () => {
    const proxy = await start(envoy, "assembly/filters/tenant-metrics/README.md");
    await proxy.request({ headers: [["x-tenant-id", "acme"]] });
    const line = 'tenant_requests{tenant="acme",code="2xx"} 1';
    await expect.poll(() => proxy.admin("/stats/prometheus"), { timeout: 20_000 }).toContain(line);
  });

  it("of assembly/filters/traffic-split/README.md sends users to their variants, and says so on the span", async () => {
    const otlp = await envoy.receiver();
    const variants = { stable: await envoy.echo(), canary: await envoy.echo() };
    const clusters = Object.entries(variants).map(([name, { url }]) => ({ name, url }));
    const proxy = await start(envoy, "assembly/filters/traffic-split/README.md", otlp.url, clusters);
    for (let i = 0; i < 40; i++) await proxy.request({ headers: [["x-user-id", `user-${i}`]] });
    const spans = await otlp.waitForSpans(40);
    for (const [name, { requests }] of Object.entries(variants)) {
      expect(spans.filter(({ attributes }) => attributes.variant === name && attributes.experiment === "traffic-split")).toHaveLength(
        requests.length,
      );
      expect(requests.length).toBeGreaterThan(0);
    }
  });

  it("of assembly/filters/request-auth/README.md lets pass whom the service knows", async () => {
    const authz = await envoy.echo({ respond: ({ path }) => ({ status: path === "/decide" ? 200 : 404, headers: [["x-user-id", "u7"]] }) });
    const proxy = await start(envoy, "assembly/filters/request-auth/README.md", undefined, [{ name: "authz", url: authz.url }]);
    expect((await proxy.request({ headers: REQUEST })).status).toBe(401);
    const { body } = await proxy.request({ headers: [...REQUEST, ["authorization", "Bearer t"]] });
    expect(String(body)).toContain('["x-user-id","u7"]');
  });
});
