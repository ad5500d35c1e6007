import type { LocalResponse } from "./context.ts";
import { HeaderMap } from "./header-map.ts";

/** What Envoy sends when a filter or Envoy itself answers. */
export interface LocalReply {
  headers: HeaderMap;
  /** Empty: the headers end the stream. */
  body: string;
}

/** The gRPC status that stands for an HTTP status. */
const GRPC_OF_HTTP: Readonly<Record<number, number>> = { 400: 13, 401: 16, 403: 7, 404: 12, 429: 14, 502: 14, 503: 14, 504: 14 };

export const grpcOfHttp = (status: number): number => GRPC_OF_HTTP[status] ?? 2;

/** Whether the answer has to be one that gRPC clients understand. */
export function isGrpcRequest(headers: HeaderMap | null): boolean {
  const type = headers?.get("content-type") ?? "";
  return type === "application/grpc" || type.startsWith("application/grpc+");
}

/** Envoy's form of a local response, for this request. */
export function localReply(response: LocalResponse, request: HeaderMap | null): LocalReply {
  const headers = new HeaderMap("response", [[":status", String(response.status)]]);
  for (const [name, value] of response.headers) headers.add(name, value);
  if (isGrpcRequest(request)) return grpcReply(response, headers, request);
  const hasOwnType = headers.has("content-type");
  if (response.body === "") {
    headers.remove("content-length");
    if (!hasOwnType) headers.remove("content-type");
    return { headers, body: "" };
  }
  headers.set("content-length", String(response.body.length));
  if (!hasOwnType) headers.set("content-type", "text/plain");
  return { headers, body: request?.get(":method") === "HEAD" ? "" : response.body };
}

function grpcReply(response: LocalResponse, headers: HeaderMap, request: HeaderMap | null): LocalReply {
  headers.set(":status", "200");
  headers.set("content-type", "application/grpc");
  if (!headers.has("grpc-status")) {
    const own = response.grpcStatus <= 16 ? response.grpcStatus : undefined;
    headers.set("grpc-status", String(own ?? grpcOfHttp(response.status)));
  }
  if (response.body !== "" && request?.get(":method") !== "HEAD") headers.set("grpc-message", percentEncode(response.body));
  return { headers, body: "" };
}

/** As gRPC encodes messages: printable ASCII stays, without the percent sign. */
function percentEncode(text: string): string {
  return text.replace(/[^\x20-\x24\x26-\x7e]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);
}
