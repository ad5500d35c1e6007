import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/** What Envoy documents (arch_overview/advanced/attributes, 1.40), without maps that are read by key. */
const DOCUMENTED: Record<string, string> = {
  request: "path url_path host scheme method headers headers_bytes referer useragent time id protocol query duration size total_size",
  response: "code code_details flags grpc_status headers headers_bytes trailers size total_size backend_latency",
  source: "address port",
  destination: "address port",
  connection:
    "id mtls requested_server_name tls_version subject_local_certificate subject_peer_certificate dns_san_local_certificate dns_san_peer_certificate uri_san_local_certificate uri_san_peer_certificate sha256_peer_certificate_digest peer_certificate transport_failure_reason termination_details",
  upstream:
    "address num_endpoints port tls_version subject_local_certificate subject_peer_certificate dns_san_local_certificate dns_san_peer_certificate uri_san_local_certificate uri_san_peer_certificate sha256_peer_certificate_digest peer_certificate local_address transport_failure_reason request_attempt_count cx_pool_ready_duration locality",
  xds: "node cluster_name cluster_metadata listener_direction listener_metadata route_name route_metadata virtual_host_name virtual_host_metadata upstream_host_metadata upstream_host_locality_metadata filter_chain_name",
};
const ALONE = ["metadata", "filter_state", "upstream_filter_state", "plugin_name", "plugin_root_id", "plugin_vm_id"];

describe("Attributes", () => {
  const source = readFileSync("assembly/sdk/attributes.ts", "utf8");

  it.each(Object.keys(DOCUMENTED))("has every attribute of %s", group => {
    const missing = (DOCUMENTED[group] ?? "").split(" ").filter(name => !source.includes(`["${group}", "${name}"`));
    expect(missing).toEqual([]);
  });

  it("has the attributes outside of groups", () => {
    expect(ALONE.filter(name => !source.includes(`["${name}"`))).toEqual([]);
  });
});
