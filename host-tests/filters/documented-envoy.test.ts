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

/** What the first YAML block below the heading "Envoy" sets of the HTTP connection manager. */
interface Documented {
  http_filters: { name: string; typed_config: Record<string, unknown> }[];
  tracing?: { custom_tags: object[] };
  access_log?: object[];
}

function documented(file: string, place: Place): Documented {
  const section = readFileSync(file, "utf8").split(/^## Envoy$/m)[1] ?? "";
  const block = /^```yaml\n([\s\S]*?)^```/m.exec(section)?.[1];
  if (!block) throw new Error(`${file} has no YAML below its heading "Envoy"`);
  return parse(block.replace(/\/etc\/envoy\/([\w-]+\.wasm)/g, (_, module) => place.file(`build/${module}`))) as Documented;
}

/** Starts Envoy with what the document says, and nothing else but a cluster and a tracer for it. */
async function start(envoy: EnvoySuite, file: string, otlp?: string) {
  const echo = await envoy.echo();
  const config = (place: Place): string => {
    const { http_filters, tracing, access_log } = documented(file, place);
    const filters = http_filters.map(({ name, typed_config }) => ({ name, typedConfig: typed_config }));
    const spec: EnvoySpec = {
      clusters: [{ name: "echo", url: echo.url }],
      listeners: [{ name: "in", filters, ...(access_log ? { hcm: { access_log } } : {}) }],
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
});
