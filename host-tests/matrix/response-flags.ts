/** Envoy's response flags that the emulator sets: the bit of the `response.flags` attribute, and both names in access logs. */
const FLAGS: readonly (readonly [bit: bigint, short: string, long: string])[] = [
  [0x4n, "UT", "UpstreamRequestTimeout"],
  [0x20n, "UF", "UpstreamConnectionFailure"],
  [0x40n, "UC", "UpstreamConnectionTermination"],
  [0x100n, "NR", "NoRouteFound"],
  [0x4000n, "DC", "DownstreamConnectionTermination"],
  [0x40000n, "DPE", "DownstreamProtocolError"],
];

/** As an access log has them: in the order of their bits, `-` when there is none. */
export function responseFlags(flags: bigint, form: "short" | "long"): string {
  const names = FLAGS.filter(([bit]) => (flags & bit) !== 0n).map(([, short, long]) => (form === "short" ? short : long));
  return names.join(",") || "-";
}
