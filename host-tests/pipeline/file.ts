import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parse, stringify } from "yaml";
import { type RunningEnvoy, startEnvoy } from "../envoy/index.ts";

/** Starts an Envoy with a file of the repository; see startText. */
export const startFile = (file: string, version: string, urls: Readonly<Record<string, string>>): Promise<RunningEnvoy> =>
  startText(readFileSync(file, "utf8"), version, urls);

/** Starts an Envoy with a configuration that ships, where its clusters are at the URLs given by their names, and everything is sent at once. */
export function startText(text: string, version: string, urls: Readonly<Record<string, string>>): Promise<RunningEnvoy> {
  const config = parse(text.replace(/filename: [\w/-]*?([\w-]+\.wasm)/g, (_, module) => `filename: ${resolve("build", module)}`));
  const { listeners, clusters } = config.static_resources;
  for (const cluster of clusters) {
    const url = urls[cluster.name];
    if (!url) throw new Error(`the configuration has a cluster ${cluster.name}, for which the test gives no URL`);
    const { port } = new URL(url);
    cluster.load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address = {
      address: "127.0.0.1",
      port_value: Number(port),
    };
  }
  config.layered_runtime = { layers: [{ name: "soon", static_layer: SOON }] };
  return startEnvoy({
    version,
    // As a process, because it has to reach what runs on this machine's loopback.
    run: "binary",
    listeners: listeners.length,
    config: place => {
      config.admin.address.socket_address = { address: place.listenAddress, port_value: place.adminPort };
      for (const [index, listener] of listeners.entries())
        listener.address.socket_address = { address: place.listenAddress, port_value: place.listenerPort(index) };
      return stringify(config, { version: "1.1", aliasDuplicateObjects: false });
    },
  });
}

const SOON = { "tracing.opentelemetry.flush_interval_ms": 100, "tracing.opentelemetry.min_flush_spans": 1 };
