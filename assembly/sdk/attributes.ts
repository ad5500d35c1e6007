/**
 * What Envoy knows about a stream, by name and with its type. https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/advanced/attributes
 *
 * Text that is absent is null, a number -1, a boolean false. Every read is a hostcall. `Properties` reads what is not listed here.
 */
import { Properties } from "./properties";

/**
 * The request. Valid in a stream's callbacks, but for what is a header: `path`, `urlPath`, `query`, `host`, `scheme`, `method`, `referer`,
 * `userAgent`, `id` and `header` are null where the request's headers cannot be read, which is in the response's callbacks. See
 * `HttpContext.snapshotRequestHeaders`.
 */
class RequestAttributes {
  /** Path with query, as it came. */
  get path(): string | null {
    return Properties.get(["request", "path"]);
  }

  /** Path without query. */
  get urlPath(): string | null {
    return Properties.get(["request", "url_path"]);
  }

  /** Host or :authority. */
  get host(): string | null {
    return Properties.get(["request", "host"]);
  }

  /** "http" or "https", as the request says. */
  get scheme(): string | null {
    return Properties.get(["request", "scheme"]);
  }

  /** Such as "GET". */
  get method(): string | null {
    return Properties.get(["request", "method"]);
  }

  /** The header `referer`. */
  get referer(): string | null {
    return Properties.get(["request", "referer"]);
  }

  /** The header `user-agent`. */
  get userAgent(): string | null {
    return Properties.get(["request", "useragent"]);
  }

  /** When the first byte came, in nanoseconds since 1970. */
  get time(): i64 {
    return Properties.integer(["request", "time"], -1);
  }

  /** x-request-id. */
  get id(): string | null {
    return Properties.get(["request", "id"]);
  }

  /** "HTTP/1.1", "HTTP/2" and so on. */
  get protocol(): string | null {
    return Properties.get(["request", "protocol"]);
  }

  /** Without the question mark. */
  get query(): string | null {
    return Properties.get(["request", "query"]);
  }

  /** In nanoseconds; known when the request is over, in `onLog`. */
  get duration(): i64 {
    return Properties.integer(["request", "duration"], -1);
  }

  /** Of the body, in bytes, as far as it came. */
  get size(): i64 {
    return Properties.integer(["request", "size"], -1);
  }

  /** With headers; known in `onLog`. */
  get totalSize(): i64 {
    return Properties.integer(["request", "total_size"], -1);
  }

  /** One header; the values of a repeated one are joined with commas. */
  header(name: string): string | null {
    return Properties.get(["request", "headers", name]);
  }

  /** Size of all headers, in bytes. */
  get headersBytes(): i64 {
    return Properties.integer(["request", "headers_bytes"], -1);
  }
}

/** The response. Valid from `onResponseHeaders` on. */
class ResponseAttributes {
  /** Status code. */
  get code(): i64 {
    return Properties.integer(["response", "code"], -1);
  }

  /** Why Envoy answers with this code. */
  get codeDetails(): string | null {
    return Properties.get(["response", "code_details"]);
  }

  /** Response flags, as bits. */
  get flags(): i64 {
    return Properties.integer(["response", "flags"], -1);
  }

  /** Known when trailers came. */
  get grpcStatus(): i64 {
    return Properties.integer(["response", "grpc_status"], -1);
  }

  /** Of the body, in bytes. */
  get size(): i64 {
    return Properties.integer(["response", "size"], -1);
  }

  /** With headers. */
  get totalSize(): i64 {
    return Properties.integer(["response", "total_size"], -1);
  }

  /** From the last byte of the request to the first of the response, in nanoseconds. */
  get backendLatency(): i64 {
    return Properties.integer(["response", "backend_latency"], -1);
  }

  /** One header; the values of a repeated one are joined with commas. */
  header(name: string): string | null {
    return Properties.get(["response", "headers", name]);
  }

  /** One trailer. Valid from `onResponseTrailers` on. */
  trailer(name: string): string | null {
    return Properties.get(["response", "trailers", name]);
  }

  /** Size of all headers, in bytes. */
  get headersBytes(): i64 {
    return Properties.integer(["response", "headers_bytes"], -1);
  }
}

/** The client. */
class SourceAttributes {
  /** With port. */
  get address(): string | null {
    return Properties.get(["source", "address"]);
  }

  /** The port alone. */
  get port(): i64 {
    return Properties.integer(["source", "port"], -1);
  }
}

/** This side of the client's connection. */
class DestinationAttributes {
  /** With port. */
  get address(): string | null {
    return Properties.get(["destination", "address"]);
  }

  /** The port alone. */
  get port(): i64 {
    return Properties.integer(["destination", "port"], -1);
  }
}

/** The client's connection. */
class ConnectionAttributes {
  /** Envoy's number for the connection. */
  get id(): i64 {
    return Properties.integer(["connection", "id"], -1);
  }

  /** Whether the client showed a certificate. */
  get mtls(): bool {
    return Properties.boolean(["connection", "mtls"], false);
  }

  /** SNI. */
  get requestedServerName(): string | null {
    return Properties.get(["connection", "requested_server_name"]);
  }

  /** Such as "TLSv1.3"; null without TLS, as all that follow. */
  get tlsVersion(): string | null {
    return Properties.get(["connection", "tls_version"]);
  }

  /** Subject of Envoy's certificate. */
  get subjectLocalCertificate(): string | null {
    return Properties.get(["connection", "subject_local_certificate"]);
  }

  /** Subject of the client's certificate. */
  get subjectPeerCertificate(): string | null {
    return Properties.get(["connection", "subject_peer_certificate"]);
  }

  /** First DNS name among the alternative names of Envoy's certificate. */
  get dnsSanLocalCertificate(): string | null {
    return Properties.get(["connection", "dns_san_local_certificate"]);
  }

  /** The same of the client's certificate. */
  get dnsSanPeerCertificate(): string | null {
    return Properties.get(["connection", "dns_san_peer_certificate"]);
  }

  /** First URI among the alternative names of Envoy's certificate: its own SPIFFE id in a mesh. */
  get uriSanLocalCertificate(): string | null {
    return Properties.get(["connection", "uri_san_local_certificate"]);
  }

  /** SPIFFE id of the client in a mesh. */
  get uriSanPeerCertificate(): string | null {
    return Properties.get(["connection", "uri_san_peer_certificate"]);
  }

  /** SHA-256 of the client's certificate, in hex. */
  get sha256PeerCertificateDigest(): string | null {
    return Properties.get(["connection", "sha256_peer_certificate_digest"]);
  }

  /** Why the TLS handshake failed. */
  get transportFailureReason(): string | null {
    return Properties.get(["connection", "transport_failure_reason"]);
  }

  /** Why Envoy ended the connection. */
  get terminationDetails(): string | null {
    return Properties.get(["connection", "termination_details"]);
  }

  /** The client's certificate, PEM, percent-encoded. */
  get peerCertificate(): string | null {
    return Properties.get(["connection", "peer_certificate"]);
  }
}

/** The connection to the upstream. Valid from `onResponseHeaders` on. */
class UpstreamAttributes {
  /** With port. */
  get address(): string | null {
    return Properties.get(["upstream", "address"]);
  }

  /** The port alone. */
  get port(): i64 {
    return Properties.integer(["upstream", "port"], -1);
  }

  /** Such as "TLSv1.3"; null without TLS, as all about certificates that follows. */
  get tlsVersion(): string | null {
    return Properties.get(["upstream", "tls_version"]);
  }

  /** Subject of Envoy's certificate. */
  get subjectLocalCertificate(): string | null {
    return Properties.get(["upstream", "subject_local_certificate"]);
  }

  /** Subject of the upstream's certificate. */
  get subjectPeerCertificate(): string | null {
    return Properties.get(["upstream", "subject_peer_certificate"]);
  }

  /** First DNS name among the alternative names of Envoy's certificate. */
  get dnsSanLocalCertificate(): string | null {
    return Properties.get(["upstream", "dns_san_local_certificate"]);
  }

  /** The same of the upstream's certificate. */
  get dnsSanPeerCertificate(): string | null {
    return Properties.get(["upstream", "dns_san_peer_certificate"]);
  }

  /** First URI among the alternative names of Envoy's certificate. */
  get uriSanLocalCertificate(): string | null {
    return Properties.get(["upstream", "uri_san_local_certificate"]);
  }

  /** The same of the upstream's certificate: its SPIFFE id in a mesh. */
  get uriSanPeerCertificate(): string | null {
    return Properties.get(["upstream", "uri_san_peer_certificate"]);
  }

  /** SHA-256 of the upstream's certificate, in hex. */
  get sha256PeerCertificateDigest(): string | null {
    return Properties.get(["upstream", "sha256_peer_certificate_digest"]);
  }

  /** Of this side of the connection, with port. */
  get localAddress(): string | null {
    return Properties.get(["upstream", "local_address"]);
  }

  /** Why there is no connection. */
  get transportFailureReason(): string | null {
    return Properties.get(["upstream", "transport_failure_reason"]);
  }

  /** How often Envoy tried, with retries. */
  get requestAttemptCount(): i64 {
    return Properties.integer(["upstream", "request_attempt_count"], -1);
  }

  /** Until a connection was there, in nanoseconds. */
  get cxPoolReadyDuration(): i64 {
    return Properties.integer(["upstream", "cx_pool_ready_duration"], -1);
  }

  /** The upstream's certificate, PEM, percent-encoded. */
  get peerCertificate(): string | null {
    return Properties.get(["upstream", "peer_certificate"]);
  }

  /** How many endpoints the cluster has. */
  get endpoints(): i64 {
    return Properties.integer(["upstream", "num_endpoints"], -1);
  }

  /** Region of the upstream's host. */
  get region(): string | null {
    return Properties.get(["upstream", "locality", "region"]);
  }

  /** Zone of the upstream's host. */
  get zone(): string | null {
    return Properties.get(["upstream", "locality", "zone"]);
  }

  /** Sub-zone of the upstream's host. */
  get subZone(): string | null {
    return Properties.get(["upstream", "locality", "sub_zone"]);
  }
}

/** What the control plane configured. */
class XdsAttributes {
  /** The cluster that the route chose. */
  get clusterName(): string | null {
    return Properties.get(["xds", "cluster_name"]);
  }

  /** The name of the route: "" when it has none, null where there is no route. */
  get routeName(): string | null {
    return Properties.get(["xds", "route_name"]);
  }

  /** The name of the virtual host. */
  get virtualHostName(): string | null {
    return Properties.get(["xds", "virtual_host_name"]);
  }

  /** The name of the filter chain. */
  get filterChainName(): string | null {
    return Properties.get(["xds", "filter_chain_name"]);
  }

  /** 0 unspecified, 1 inbound, 2 outbound. */
  get listenerDirection(): i64 {
    return Properties.integer(["xds", "listener_direction"], -1);
  }

  /** Metadata of the route: of a filter's name, a key in it. */
  routeMetadata(filter: string, key: string): string | null {
    return Properties.get(["xds", "route_metadata", "filter_metadata", filter, key]);
  }

  /** The same for the metadata of the cluster. */
  clusterMetadata(filter: string, key: string): string | null {
    return Properties.get(["xds", "cluster_metadata", "filter_metadata", filter, key]);
  }

  /** The same for the metadata of the listener. */
  listenerMetadata(filter: string, key: string): string | null {
    return Properties.get(["xds", "listener_metadata", "filter_metadata", filter, key]);
  }

  /** The same for the metadata of the endpoint. */
  upstreamHostMetadata(filter: string, key: string): string | null {
    return Properties.get(["xds", "upstream_host_metadata", "filter_metadata", filter, key]);
  }

  /** Metadata of the virtual host: of a filter's name, a key in it; null when it is absent. */
  virtualHostMetadata(filter: string, key: string): string | null {
    return Properties.get(["xds", "virtual_host_metadata", "filter_metadata", filter, key]);
  }

  /** Metadata of the locality of the upstream's host: of a filter's name, a key in it; null when it is absent. */
  upstreamHostLocalityMetadata(filter: string, key: string): string | null {
    return Properties.get(["xds", "upstream_host_locality_metadata", "filter_metadata", filter, key]);
  }

  /** The proxy's own id (bootstrap `node.id`); `Node.metadata` reads the rest of it. */
  get nodeId(): string | null {
    return Properties.get(["xds", "node", "id"]);
  }

  /** The proxy's own cluster (bootstrap `node.cluster`). */
  get nodeCluster(): string | null {
    return Properties.get(["xds", "node", "cluster"]);
  }
}

/** The plugin that is running. Valid in every callback. */
class PluginAttributes {
  /** `name` in its configuration. */
  get name(): string | null {
    return Properties.get(["plugin_name"]);
  }

  /** `root_id`. */
  get rootId(): string | null {
    return Properties.get(["plugin_root_id"]);
  }

  /** `vm_id`. */
  get vmId(): string | null {
    return Properties.get(["plugin_vm_id"]);
  }
}

/** `Attributes.request.path`, `Attributes.connection.mtls` and so on. */
export class Attributes {
  /** The request. */
  static get request(): RequestAttributes {
    return group<RequestAttributes>();
  }

  /** The response. */
  static get response(): ResponseAttributes {
    return group<ResponseAttributes>();
  }

  /** The client. */
  static get source(): SourceAttributes {
    return group<SourceAttributes>();
  }

  /** This side of the client's connection. */
  static get destination(): DestinationAttributes {
    return group<DestinationAttributes>();
  }

  /** The client's connection. */
  static get connection(): ConnectionAttributes {
    return group<ConnectionAttributes>();
  }

  /** The connection to the upstream. */
  static get upstream(): UpstreamAttributes {
    return group<UpstreamAttributes>();
  }

  /** What the control plane configured. */
  static get xds(): XdsAttributes {
    return group<XdsAttributes>();
  }

  /** The plugin that is running. */
  static get plugin(): PluginAttributes {
    return group<PluginAttributes>();
  }

  /** Dynamic metadata of the stream: of a filter's name, a key in it; null when it is absent. */
  static metadata(filter: string, key: string): string | null {
    return Properties.get(["metadata", "filter_metadata", filter, key]);
  }

  /** Filter state by its full name, such as `wasm.user_id`; null when it is absent. */
  static filterState(name: string): string | null {
    return Properties.get(["filter_state", name]);
  }

  /** Filter state of the connection to the upstream, by its full name; null when it is absent. */
  static upstreamFilterState(name: string): string | null {
    return Properties.get(["upstream_filter_state", name]);
  }
}

/** The groups have no state, so there is nothing to allocate and `this` is never read. */
function group<T>(): T {
  return changetype<T>(0);
}
