import { fileURLToPath } from "node:url";
import {
  type EnvoySpec,
  filterStateTags,
  type ListenerSpec,
  type OtlpReceiver,
  type RunningEnvoy,
  startEnvoy,
  statsTags,
} from "meshwright/testing";
import { type Service, type ServiceName, startService } from "./services.ts";

/** The order matters: an Envoy is configured with the addresses of those it calls. */
const SERVICES: readonly { name: ServiceName; cluster: string; calls: readonly ServiceName[] }[] = [
  { name: "order-service", cluster: "cluster-b", calls: [] },
  { name: "user-service", cluster: "cluster-a", calls: ["order-service"] },
  { name: "frontend", cluster: "cluster-a", calls: ["user-service", "order-service"] },
];

/** Which of a service's paths are whose. */
const PREFIX: Record<ServiceName, string> = { frontend: "/", "user-service": "/users", "order-service": "/orders" };

const ATTRIBUTES = ["user.id", "tenant.id", "app.version", "deployment.environment", "cluster.name"];
/** What the demo prints of them; all are verified. */
export const SHOWN = ["user.id", "tenant.id", "app.version", "cluster.name"];

const SPAN_ATTRIBUTES = {
  custom_attributes: { "app.version": "v1.2.3", "deployment.environment": "production" },
  attributes: [
    { name: "user.id", header: "x-user-id", default: "anonymous" },
    { name: "tenant.id", header: "x-tenant-id" },
    { name: "cluster.name", node: "CLUSTER_ID", default: "unknown" },
  ],
};

/** With Envoy's tracer the filter leaves span ids to it; without, it writes them itself and shows them to the access log. */
const TRACE_CONTEXT = { on: {}, off: { parent_id: "renew", expose: ["trace_id", "span_id"] } };

export type Tracer = "on" | "off";

export interface Sidecar {
  service: Service;
  envoy: RunningEnvoy;
  /** Replaces both listeners of the running Envoy. */
  switchTracer(tracer: Tracer): Promise<void>;
}

export interface Mesh {
  /** frontend first. */
  sidecars: Sidecar[];
  /** The frontend's ingress, where clients come in. */
  url: string;
  stop(): Promise<void>;
}

/** Three services, each behind an Envoy of its own with an ingress and an egress listener. */
export async function startMesh(receiver: OtlpReceiver, say: (line: string) => void): Promise<Mesh> {
  const sidecars = new Map<ServiceName, Sidecar>();
  const stop = async (): Promise<void> => {
    await Promise.all([...sidecars.values()].map(({ envoy }) => envoy.stop()));
    await Promise.all([...sidecars.values()].map(({ service }) => service.stop()));
  };
  try {
    for (const { name, cluster, calls } of SERVICES) {
      const service = await startService(name);
      const targets = calls.map(called => ({ name: called, url: sidecars.get(called)?.envoy.url("ingress") ?? "" }));
      const spec = (tracer: Tracer): EnvoySpec => sidecarSpec(service, cluster, targets, tracer, receiver.url);
      const envoy = await startEnvoy({ config: spec("on"), run: "binary", drainTimeS: 1, drainStrategy: "immediate", say });
      service.egress = envoy.url("egress");
      const switchTracer = async (tracer: Tracer): Promise<void> => {
        const { accepted, reasons } = await envoy.update(spec(tracer));
        if (!accepted) throw new Error(`the Envoy of ${name} refused its new listeners:\n${reasons.join("\n")}`);
        // Connections between the Envoys are kept open, and those of before still have the filters of before.
        await envoy.drained();
      };
      sidecars.set(name, { service, envoy, switchTracer });
    }
  } catch (error) {
    await stop();
    throw error;
  }
  const all = [...sidecars.values()].reverse();
  return { sidecars: all, url: all[0]?.envoy.url("ingress") ?? "", stop };
}

function sidecarSpec(
  service: Service,
  cluster: string,
  targets: readonly { name: ServiceName; url: string }[],
  tracer: Tracer,
  otlp: string,
): EnvoySpec {
  const telemetry = {
    name: "mesh-telemetry",
    wasm: fileURLToPath(import.meta.resolve("meshwright/filters/mesh-telemetry")),
    config: { span_attributes: SPAN_ATTRIBUTES, trace_context: TRACE_CONTEXT[tracer] },
    // One VM per Envoy serves both listeners.
    vmId: "mesh-telemetry",
  };
  const common: Pick<ListenerSpec, "filters" | "accessLog"> = {
    filters: [telemetry],
    accessLog: { json: { ...ACCESS_LOG, ...IDS[tracer] } },
  };
  // Where clients come in, requests are counted by tenant.
  const counting = { name: "tenant-metrics", wasm: fileURLToPath(import.meta.resolve("meshwright/filters/tenant-metrics")) };
  const ingress = service.name === "frontend" ? { ...common, filters: [telemetry, counting] } : common;
  const tracing = { otlp, service: service.name, customTags: filterStateTags(ATTRIBUTES), operation: "%REQ(:METHOD)% %REQ(:PATH)%" };
  return {
    node: { id: service.name, cluster: service.name, metadata: { CLUSTER_ID: cluster } },
    dynamicListeners: true,
    bootstrap: { stats_config: { stats_tags: statsTags(["tenant", "code"]) } },
    ...(tracer === "on" ? { tracing } : {}),
    clusters: [{ name: "app", url: service.url }, ...targets],
    listeners: [
      { name: "ingress", direction: "inbound", routes: [{ cluster: "app" }], ...ingress },
      {
        name: "egress",
        direction: "outbound",
        routes: [...targets.map(({ name }) => ({ prefix: PREFIX[name], cluster: name })), { response: { status: 404 } }],
        ...common,
      },
    ],
  };
}

/** The ids of whoever makes them: Envoy's tracer, or mesh-telemetry, which shows them to the log. */
const IDS = {
  on: { trace_id: "%TRACE_ID%", span_id: "%SPAN_ID%" },
  off: {
    trace_id: "%FILTER_STATE(wasm.trace_context.trace_id:PLAIN)%",
    span_id: "%FILTER_STATE(wasm.trace_context.span_id:PLAIN)%",
  },
};

/** With the same state that the tracer's tags read. */
const ACCESS_LOG = {
  start: "%START_TIME(%s.%6f)%",
  request_id: "%REQ(X-REQUEST-ID)%",
  path: "%REQ(:PATH)%",
  status: "%RESPONSE_CODE%",
  ...Object.fromEntries(ATTRIBUTES.map(name => [name, `%FILTER_STATE(wasm.span.attributes.${name}:PLAIN)%`])),
};
