import { compareVersions } from "../envoy/versions.ts";
import type { Finding } from "./finding.ts";
import { asList, asObject, type Json } from "./json-value.ts";

/** What the oldest Istio of a mesh does not have, or leaves out without a word. */
export function checkIstioVersion(kind: string, apiVersion: string, spec: Json, version: string): Finding[] {
  const before = (since: string): boolean => compareVersions(version, since) < 0;
  const findings: Finding[] = [];
  const add = (keys: Finding["keys"], found: string, since: string, expected = `Istio ${since}`): void => {
    if (before(since)) findings.push({ keys, expected, found: `${found}, which Istio ${version} has not` });
  };
  if (kind === "TrafficExtension") add(["kind"], "TrafficExtension", "1.30", "WasmPlugin");
  if (apiVersion === "telemetry.istio.io/v1") add(["apiVersion"], "telemetry.istio.io/v1", "1.22", "telemetry.istio.io/v1alpha1");
  if (spec.targetRefs) add(["spec", "targetRefs"], "targetRefs", "1.22", "selector, or targetRef");
  for (const place of ["spec", "wasm"]) {
    const part = place === "spec" ? spec : asObject(spec.wasm);
    const keys = place === "spec" ? ["spec"] : ["spec", "wasm"];
    if (part.failStrategy === "FAIL_RELOAD") add([...keys, "failStrategy"], "FAIL_RELOAD", "1.27", "FAIL_CLOSE or FAIL_OPEN");
  }
  for (const [index, entry] of asList(spec.tracing).entries()) {
    for (const [name, tag] of Object.entries(asObject(asObject(entry).customTags))) {
      if ("formatter" in asObject(tag)) add(["spec", "tracing", index, "customTags", name], "formatter", "1.29", "header");
    }
  }
  return findings;
}
