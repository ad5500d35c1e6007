import type { GrpcCall } from "../host/index.ts";

/** The headers with which a filter's call comes to its server. */
export function callHeaders({ authority, metadata, timeoutMs }: GrpcCall): [name: string, value: string][] {
  const limited = timeoutMs > 0;
  return [
    ["host", authority],
    ["te", "trailers"],
    ...(limited ? [["grpc-timeout", `${timeoutMs}m`] satisfies [string, string]] : []),
    ["content-type", "application/grpc"],
    ...metadata.pairs(),
    ["x-envoy-internal", "true"],
    ...(limited ? [["x-envoy-expected-rq-timeout-ms", String(timeoutMs)] satisfies [string, string]] : []),
  ];
}
