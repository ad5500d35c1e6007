import { compareVersions } from "../envoy/versions.ts";
import { object, selection } from "./metadata.ts";
import { ManifestError, type ManifestRequest } from "./request.ts";
import { environmentNames } from "./span-tags.ts";

const GROUP = "extensions.istio.io/v1alpha1";
const STRATEGIES = { closed: "FAIL_CLOSE", open: "FAIL_OPEN", reload: "FAIL_RELOAD" };

export function wasmPlugin(request: ManifestRequest, config: unknown): Record<string, unknown> {
  const phase = request.phase === "UNSPECIFIED" ? "UNSPECIFIED_PHASE" : request.phase;
  return object(GROUP, "WasmPlugin", request, { ...selection(request.scope), phase, ...order(request), ...plugin(request, config) });
}

/** Supersedes WasmPlugin since Istio 1.30. */
export function trafficExtension(request: ManifestRequest, config: unknown): Record<string, unknown> {
  if (compareVersions(request.istioVersion, "1.30") < 0) {
    throw new ManifestError("target", `Istio ${request.istioVersion} has no TrafficExtension, 1.30 has; take target istio`);
  }
  const { scope, phase } = request;
  return object(GROUP, "TrafficExtension", request, { ...selection(scope), phase, ...order(request), wasm: plugin(request, config) });
}

function order({ priority, mode }: ManifestRequest): Record<string, unknown> {
  return { ...(priority === undefined ? {} : { priority }), ...(mode ? { match: [{ mode }] } : {}) };
}

/** What both kinds say of the module. */
function plugin(request: ManifestRequest, config: unknown): Record<string, unknown> {
  const { filter, code, failurePolicy, runtime, istioVersion } = request;
  if (code.from === "file")
    throw new ManifestError("target", "Istio needs to know where the module is; give --image oci://… or --remote URL");
  if (runtime !== "v8") throw new ManifestError("target", `Istio runs plugins on v8 only; for ${runtime} take target envoyfilter`);
  if (failurePolicy === "reload" && compareVersions(istioVersion, "1.27") < 0) {
    throw new ManifestError("target", `Istio ${istioVersion} has no FAIL_RELOAD, 1.27 has; take --failure-policy open or closed`);
  }
  if (config !== undefined && (typeof config !== "object" || config === null || Array.isArray(config))) {
    throw new ManifestError("config", "Istio takes an object as pluginConfig and nothing else; for other text take target envoyfilter");
  }
  const env = environmentNames(filter, config);
  return {
    url: code.url,
    ...(code.sha256 === null ? {} : { sha256: code.sha256 }),
    // Istio makes it the root id.
    pluginName: filter,
    failStrategy: STRATEGIES[failurePolicy],
    ...(config === undefined ? {} : { pluginConfig: config }),
    ...(env.length > 0 ? { vmConfig: { env: env.map(name => ({ name, valueFrom: "HOST" })) } } : {}),
  };
}
