/** The properties of a request by Gcore's names, from what Envoy has. */
import { Status } from "../../abi/enums";
import { takeText } from "../bytes";
import { HeaderMapTypeValues, WasmResultValues } from "../enums";
import { variable } from "../environment";
import { askText } from "../headers";
import { askProperty, clear_route_cache } from "../hostcalls";
import { hasKept } from "../kept";
import { requestMap } from "../maps";
import { pathOf, queryOf, withoutPort } from "../url-parts";

const PREFIX = "request.";
const REQUEST = HeaderMapTypeValues.RequestHeaders;

export function isOfRequest(path: string): bool {
  return path.startsWith(PREFIX);
}

/** A header of the request, also once it has passed; "" when there is none. What several properties come from is read once. */
function read(name: string): string {
  if (hasKept(REQUEST)) return askText(REQUEST, name);
  const value = requestMap.get(name);
  return value == null ? "" : value;
}

/** "" when there is none. */
export function requestProperty(path: string): string {
  const name = path.substring(PREFIX.length);
  if (name == "host") return read(":authority");
  if (name == "scheme") return read(":scheme");
  if (name == "method") return read(":method");
  if (name == "path") return pathOf(read(":path"));
  if (name == "query") return queryOf(read(":path"));
  if (name == "extension") return extensionOf(pathOf(read(":path")));
  if (name == "x_real_ip") return clientAddress();
  if (name == "url" || name == "uri") {
    const path = read(":path");
    return path == "" ? "" : read(":scheme") + "://" + read(":authority") + path;
  }
  return "";
}

/** What Envoy has no attribute for, such as `request.country`, from the header that REQUEST_COUNTRY_HEADER in the environment names. */
export function namedHeader(path: string): string {
  const header = variable(path.replaceAll(".", "_").toUpperCase() + "_HEADER");
  return header == "" ? "" : read(header);
}

/** Writes the parts of the URL; everything else of the request is read only. */
export function setRequestProperty(path: string, value: string): WasmResultValues {
  const name = path.substring(PREFIX.length);
  const old = read(":path");
  if (name == "host") return set(":authority", value);
  if (name == "path") return set(":path", value.indexOf("?") < 0 ? withQuery(value, queryOf(old)) : value);
  if (name == "query") return set(":path", withQuery(pathOf(old), value));
  return name == "url" ? setUrl(value) : WasmResultValues.BadArgument;
}

function setUrl(url: string): WasmResultValues {
  const scheme = url.indexOf("://");
  if (scheme < 0) return set(":path", url);
  const start = scheme + 3;
  let end = start;
  for (; end < url.length; end++) {
    const code = url.charCodeAt(end);
    if (code == 47 || code == 63 || code == 35) break;
  }
  const status = set(":authority", url.substring(start, end));
  if (status != WasmResultValues.Ok) return status;
  const path = url.substring(end);
  return set(":path", path.startsWith("/") ? path : "/" + path);
}

/** The route follows, as the origin does there. */
function set(header: string, value: string): WasmResultValues {
  if (value == "") return WasmResultValues.BadArgument;
  const status = requestMap.set(header, value);
  if (status == Status.Ok) clear_route_cache();
  return status;
}

function withQuery(path: string, query: string): string {
  return query == "" ? path : path + "?" + query;
}

function extensionOf(path: string): string {
  const name = path.substring(path.lastIndexOf("/") + 1);
  const dot = name.lastIndexOf(".");
  return dot <= 0 ? "" : name.substring(dot + 1);
}

/** Without the port. */
function clientAddress(): string {
  if (askProperty("source\0address") != WasmResultValues.Ok) return "";
  return withoutPort(takeText());
}
