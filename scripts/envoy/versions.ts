/** Envoy versions that this project runs on and tests; any other version may be asked for as well. */
export const KNOWN_ENVOY_VERSIONS = ["1.36.4", "1.37.0", "1.38.3", "1.39.3", "1.40.0"] as const;

/** What is used when nobody asks for a version. */
export const DEFAULT_ENVOY_VERSION = "1.40.0";

/**
 * Compares two `major.minor.patch` versions: negative when `a` is older, 0 when they are equal.
 * What follows the numbers (`-dev`, a build hash) is not looked at.
 */
export function compareVersions(a: string, b: string): number {
  const left = a.split(/[.-]/);
  const right = b.split(/[.-]/);
  for (let i = 0; i < 3; i++) {
    const difference = Number(left[i] ?? 0) - Number(right[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
