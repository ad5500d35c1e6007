/** Versions of Istio's proxies, and the Envoy in them; for the newest also the one after it. */
export const ENVOY_VERSIONS = { "1.28": ["1.36.4"], "1.29": ["1.37.0"], "1.31": ["1.39.3", "1.40.0"] } as const;
