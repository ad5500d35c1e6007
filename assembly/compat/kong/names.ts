/** Names of properties in Kong's host, and what they are in Envoy. */

/**
 * The attribute of Envoy that a path of Kong's host stands for, in Envoy's notation; "" when it is none, as when the filter has set it itself.
 * `attribute\n&name` is a part of an attribute.
 */
export function attributeOf(path: string): string {
  const dot = path.indexOf(".");
  if (dot < 0 || path.indexOf("\0") >= 0) return "";
  const space = path.substring(0, dot);
  const name = path.substring(dot + 1);
  if (space == "ngx") return variable(name);
  if (space == "kong") return gateway(name);
  if (space == "request" || space == "response") {
    // A header's name may have dots.
    return name.startsWith("headers.") ? space + "\0headers\0" + name.substring(8) : space + "\0" + name;
  }
  return space == "source" || space == "destination" || space == "connection" || space == "upstream" ? space + "\0" + name : "";
}

/** Variables of nginx. */
function variable(name: string): string {
  if (name == "remote_addr") return "source\0address";
  if (name == "remote_port") return "source\0port";
  if (name == "server_addr") return "destination\0address";
  if (name == "server_port") return "destination\0port";
  if (name == "request_uri") return "request\0path";
  if (name == "uri" || name == "document_uri") return "request\0url_path";
  if (name == "args" || name == "query_string") return "request\0query";
  if (name == "host") return "request\0host";
  if (name == "request_method") return "request\0method";
  if (name == "scheme") return "request\0scheme";
  if (name == "server_protocol") return "request\0protocol";
  if (name == "request_id" || name == "kong_request_id") return "request\0headers\0x-request-id";
  if (name == "content_type" || name == "content_length") return header("request", name);
  if (name == "status") return "response\0code";
  if (name == "upstream_addr") return "upstream\0address";
  if (name == "ssl_protocol") return "connection\0tls_version";
  if (name == "ssl_server_name") return "connection\0requested_server_name";
  if (name.startsWith("http_")) return header("request", name.substring(5));
  if (name.startsWith("sent_http_")) return header("response", name.substring(10));
  if (name.startsWith("upstream_http_")) return header("response", name.substring(14));
  if (name.startsWith("arg_")) return "request\0query\n&" + name.substring(4);
  return name.startsWith("cookie_") ? "request\0headers\0cookie\n;" + name.substring(7) : "";
}

function header(side: string, name: string): string {
  return side + "\0headers\0" + name.replaceAll("_", "-");
}

/** Values of the gateway. Routes and services have ids there, which are the names of routes and clusters in Envoy. */
function gateway(name: string): string {
  if (name == "route_id") return "xds\0route_name";
  if (name == "service_id") return "xds\0cluster_name";
  if (name == "client.protocol" || name == "request.forwarded_scheme") return "request\0scheme";
  if (name == "request.forwarded_host") return "request\0host";
  if (name == "request.forwarded_port" || name == "request.port") return "destination\0port";
  return name == "response.status" || name == "service.response.status" ? "response\0code" : "";
}
