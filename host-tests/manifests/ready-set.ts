import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import type { EchoServer, Place } from "../envoy/index.ts";
import type { EnvoySuite } from "../envoy/vitest.ts";

/** Starts a file of envoy/ with what its head says to change, its other clusters at `others`, and with every request traced. */
export async function startReadySet(envoy: EnvoySuite, name: string, others: Readonly<Record<string, EchoServer>> = {}) {
  const echo = await envoy.echo();
  const otlp = await envoy.receiver();
  const config = (place: Place): string => {
    const file = parse(
      readFileSync(`envoy/${name}.yaml`, "utf8").replace(/\/etc\/envoy\/([a-z-]+\.wasm)/, (_, module) => place.file(`build/${module}`)),
    );
    file.admin.address.socket_address = { address: place.listenAddress, port_value: place.adminPort };
    const { listeners, clusters } = file.static_resources;
    listeners[0].address.socket_address = { address: place.listenAddress, port_value: place.listenerPort(0) };
    const manager = listeners[0].filter_chains[0].filters[0].typed_config;
    if (manager.tracing) manager.tracing.random_sampling.value = 100;
    const urls: Record<string, string> = {
      app: echo.url,
      "opentelemetry-collector": otlp.url,
      ...Object.fromEntries(Object.entries(others).map(([key, { url }]) => [key, url])),
    };
    for (const cluster of clusters) {
      const { port } = new URL(urls[cluster.name] ?? "");
      cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address = {
        address: place.hostAddress,
        port_value: Number(port),
      };
    }
    return stringify({
      ...file,
      layered_runtime: { layers: [{ name: "soon", static_layer: { "tracing.opentelemetry.min_flush_spans": 1 } }] },
    });
  };
  return { proxy: await envoy.start({ config }), otlp };
}
