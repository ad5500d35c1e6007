import { diagnose, type Finding, type FindingId, readAdmin } from "../../scripts/doctor/index.ts";
import { moduleFinder } from "../../scripts/validate/index.ts";
import { type EnvoySpec, filterStateTags, type ListenerSpec, type RunningEnvoy } from "../envoy/index.ts";

/** What the modules in build/ say of themselves. */
export const findModule = moduleFinder({ files: [], folders: [process.cwd()], pull: null });

export const examine = async (envoy: RunningEnvoy): Promise<Finding[]> => diagnose(await readAdmin(envoy.adminUrl), findModule);
export const idsOf = (findings: readonly Finding[]): FindingId[] => [...new Set(findings.map(({ id }) => id))].sort();

export const TELEMETRY = {
  name: "mesh-telemetry",
  wasm: "build/mesh-telemetry.wasm",
  config: { span_attributes: { attributes: [{ name: "user.id", header: "x-user-id", default: "anonymous" }] } },
};

/** An Envoy in which nothing is wrong. */
export interface Healthy {
  readonly spec: EnvoySpec;
  readonly listener: ListenerSpec;
  /** The same with something else in the listener. */
  listening(change: Partial<ListenerSpec>, more?: Partial<EnvoySpec>): EnvoySpec;
  /** The same with something else in the tracing. */
  tracing(change: Partial<Exclude<EnvoySpec["tracing"], undefined>>): EnvoySpec;
}

export function healthy(upstream: string, otlp: string): Healthy {
  const listener: ListenerSpec = {
    name: "in",
    filters: [TELEMETRY],
    accessLog: { json: { trace_id: "%TRACE_ID%", flags: "%RESPONSE_FLAGS%", details: "%RESPONSE_CODE_DETAILS%" } },
  };
  const spec: EnvoySpec = {
    clusters: [{ name: "app", url: upstream }],
    tracing: { otlp, service: "shop", customTags: filterStateTags(["user.id"]) },
    listeners: [listener],
  };
  return {
    spec,
    listener,
    listening: (change, more = {}) => ({ ...spec, ...more, listeners: [{ ...listener, ...change }] }),
    tracing: change => ({ ...spec, tracing: { ...(spec.tracing ?? { otlp }), ...change } }),
  };
}
