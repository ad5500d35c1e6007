import { DEFAULT_ENVOY_VERSION } from "../../scripts/envoy/index.ts";

/** The versions to test: MESHWRIGHT_ENVOY_VERSIONS, separated by spaces, or the default one. */
export function envoyVersions(): string[] {
  const asked = (process.env.MESHWRIGHT_ENVOY_VERSIONS ?? "").split(/\s+/).filter(Boolean);
  return asked.length > 0 ? asked : [DEFAULT_ENVOY_VERSION];
}
