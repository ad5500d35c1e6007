import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type EchoServer, type OtlpReceiver, type RunningEnvoy, statsTags } from "../envoy/index.ts";
import type { EnvoySuite } from "../envoy/vitest.ts";
import { ROOT } from "../oci/fixtures.ts";
import { accessLogOf, bootstrap, extensionFiles } from "./bootstrap.ts";
import { generate, type Json, type MeshProxy, type Resources } from "./checker.ts";
import { openGrpcDoor } from "./otlp-grpc.ts";
import { quietPort } from "./quiet-port.ts";
import type { Pushed } from "./registry.ts";
import { operated } from "./sets.ts";
import { aroundGateway, aroundSidecar, type Ports } from "./surroundings.ts";

export interface Member {
  /** A folder of istio/. */
  readonly set: string;
  /** A file of istio/helm. */
  readonly values: string;
  readonly proxy: MeshProxy;
  /** What an operator of this set changes beside what `operated` does. */
  operate?(object: Json, ports: Ports): void;
  /** What is around the proxy where it is other than a gateway or a sidecar before one application. */
  around?(ports: Ports): string;
  /** Of the mesh's configuration: labels of metrics, rules of the bootstrap. */
  readonly extraStatTags?: readonly string[];
}

/** What the tests share: the images in a registry, and the folder of Istio's agent. */
export interface Shared {
  readonly images: ReadonlyMap<string, Pushed>;
  readonly cache: string;
}

export interface Mesh {
  readonly proxy: RunningEnvoy;
  /** On which the proxy serves. */
  readonly port: number;
  readonly otlp: OtlpReceiver;
  /** What the application got. */
  readonly application: EchoServer;
  readonly resources: Resources;
  /** Of the first request that the application got. */
  traceparent(): string | undefined;
  /** The lines so far, at least `count`; Envoy writes them from time to time. */
  accessLog(count: number): Promise<Record<string, unknown>[]>;
}

/** A real Envoy with what istiod generates for a proxy, before an application and with a collector. */
export async function enterMesh(envoy: EnvoySuite, member: Member, shared: Shared): Promise<Mesh> {
  const echo = await envoy.echo();
  const otlp = await envoy.receiver();
  const door = await openGrpcDoor(otlp);
  onTestFinished(() => door.stop());
  const ports = { proxy: await quietPort(), application: Number(new URL(echo.url).port), collector: door.port };
  const resources = await resourcesFor(member, shared, ports);
  const proxy = await startProxy(envoy, resources, ports, member);
  return {
    proxy,
    port: ports.proxy,
    otlp,
    application: echo,
    resources,
    traceparent: () => echo.requests[0]?.headers.find(([name]) => name === "traceparent")?.[1],
    accessLog: count => accessLog(proxy, count),
  };
}

/** What istiod sends to the proxy, after the agent has pulled the modules. */
export async function resourcesFor(member: Member, { images, cache }: Shared, ports: Ports): Promise<Resources> {
  const { set, values, proxy } = member;
  const standard = proxy.type === "router" ? aroundGateway(proxy.namespace, proxy.labels, ports) : aroundSidecar(proxy.namespace, ports);
  const around = member.around?.(ports) ?? standard;
  const manifests = `${await operated(set, images, object => member.operate?.(object, ports))}---\n${around}`;
  const [resources] = await generate({ values: readFileSync(join(ROOT, values), "utf8"), manifests, proxies: [proxy], cache });
  if (!resources) throw new Error("istio: no answer for the proxy");
  return resources;
}

function startProxy(envoy: EnvoySuite, resources: Resources, ports: Ports, { proxy, extraStatTags = [] }: Member): Promise<RunningEnvoy> {
  // The rules that Istio's agent makes of them.
  const stats_config = { stats_tags: statsTags(extraStatTags) };
  return envoy.start({
    config: place => JSON.stringify({ ...bootstrap(resources, ports.proxy, proxy, place), stats_config }),
    files: extensionFiles(resources),
    // The port and the agent's files are this machine's, so Envoy is a process here.
    run: "binary",
  });
}

async function accessLog(proxy: RunningEnvoy, count: number): Promise<Record<string, unknown>[]> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const lines = (await readFile(accessLogOf(proxy), "utf8")).split("\n").slice(0, -1);
    if (lines.length >= count) return lines.map(line => JSON.parse(line));
    if (Date.now() > deadline) throw new Error(`istio: the access log has ${lines.length} lines, not ${count}`);
    await setTimeout(20);
  }
}
