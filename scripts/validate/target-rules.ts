import { shown } from "../manifests/index.ts";
import type { Finding } from "./finding.ts";
import { asList, asObject, asText, type Json } from "./json-value.ts";

const TARGETS = [
  { group: "gateway.networking.k8s.io", kind: "Gateway" },
  { group: "gateway.networking.k8s.io", kind: "GatewayClass" },
  { group: "", kind: "Service" },
  { group: "networking.istio.io", kind: "ServiceEntry" },
];

/** Which proxies: what another kind or group names fits no proxy. */
export function checkTargets(spec: Json): Finding[] {
  return asList(spec.targetRefs).flatMap((each, index): Finding[] => {
    const { group = "", kind } = asObject(each);
    const fits = TARGETS.some(target => target.group === (group === "core" ? "" : group) && target.kind === kind);
    if (fits) return [];
    const expected = TARGETS.map(target => `${target.kind}${target.group ? ` of ${target.group}` : ""}`).join(", ");
    return [{ keys: ["spec", "targetRefs", index], expected: `one of ${expected}`, found: `${shown(kind)} of ${shown(asText(group))}` }];
  });
}
