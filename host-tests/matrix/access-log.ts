import type { AccessLogEntry, AccessLogSpec } from "../envoy/index.ts";
import { type Exchange, grpcOfHttp, HostRefusal, isGrpcRequest } from "../host/index.ts";
import { grpcStatusText } from "./grpc-status.ts";
import { responseFlags } from "./response-flags.ts";

/** Envoy's JSON access log for one request of the emulator. A lone operator keeps its type, and is null when there is nothing. */
export function accessLogEntry(log: AccessLogSpec, exchange: Exchange): AccessLogEntry {
  return Object.fromEntries(Object.entries(log.json).map(([key, format]) => [key, formatted(format, exchange)]));
}

type Formatted = string | number | null;
const OPERATOR = /%([A-Z_]+)(?:\(([^)]*)\))?(?::(\d+))?%/g;

function formatted(format: string, exchange: Exchange): Formatted {
  const [match] = format.matchAll(OPERATOR);
  if (match && match[0] === format) return operator(match[1] ?? "", match[2] ?? "", match[3], exchange);
  return format.replace(OPERATOR, (_, name: string, argument = "", length?: string) => {
    const value = operator(name, argument, length, exchange);
    return value === null ? "-" : String(value);
  });
}

function operator(name: string, argument: string, length: string | undefined, exchange: Exchange): Formatted {
  const value = plain(name, argument, exchange);
  return typeof value === "string" && length !== undefined ? value.slice(0, Number(length)) : value;
}

function plain(name: string, argument: string, { stream }: Exchange): Formatted {
  const { info } = stream;
  switch (name) {
    case "FILTER_STATE": {
      const [key = "", form] = argument.split(":");
      const value = info.filterState.plain(key);
      if (form !== "PLAIN") throw new HostRefusal("gap", `host: does not emulate %FILTER_STATE(${argument})%; write ${key}:PLAIN`);
      return value;
    }
    case "REQ":
      return header(stream.requestHeaders, argument);
    case "RESP":
      return header(stream.responseHeaders, argument);
    case "TRAILER":
      return header(stream.responseTrailers, argument);
    case "RESPONSE_CODE":
      return info.responseCode ?? 0;
    case "RESPONSE_CODE_DETAILS":
      return info.responseCodeDetails;
    case "RESPONSE_FLAGS":
      return responseFlags(info.responseFlags, "short");
    case "RESPONSE_FLAGS_LONG":
      return responseFlags(info.responseFlags, "long");
    case "GRPC_STATUS":
      return grpcStatus(stream, argument || "CAMEL_STRING");
    case "GRPC_STATUS_NUMBER":
      return grpcStatus(stream, "NUMBER");
    case "UPSTREAM_TRANSPORT_FAILURE_REASON":
      return info.transportFailureReason.replaceAll(" ", "_") || null;
    case "UPSTREAM_REQUEST_ATTEMPT_COUNT":
      return info.upstreamBegun ? 1 : 0;
    case "PROTOCOL":
      return info.protocol;
    case "BYTES_RECEIVED":
      return info.bytesReceived;
    case "BYTES_SENT":
      return info.bytesSent;
    case "ROUTE_NAME":
      return info.routeName || null;
    case "UPSTREAM_CLUSTER":
      return info.upstream?.cluster || null;
    default:
      throw new HostRefusal(
        "gap",
        `host: does not emulate the access log's %${name}%, but ${KNOWN}; leave it out, or run this scenario with hosts: ["envoy"]`,
      );
  }
}

const KNOWN =
  "BYTES_RECEIVED, BYTES_SENT, FILTER_STATE, GRPC_STATUS, GRPC_STATUS_NUMBER, PROTOCOL, REQ, RESP, RESPONSE_CODE, RESPONSE_CODE_DETAILS, " +
  "RESPONSE_FLAGS, RESPONSE_FLAGS_LONG, ROUTE_NAME, TRAILER, UPSTREAM_CLUSTER, UPSTREAM_REQUEST_ATTEMPT_COUNT, UPSTREAM_TRANSPORT_FAILURE_REASON";

/** Of a request of gRPC: what the trailers say, else the headers, else what stands for the HTTP status. */
function grpcStatus({ requestHeaders, responseHeaders, responseTrailers, info }: Exchange["stream"], form: string): string | number | null {
  if (!isGrpcRequest(requestHeaders)) return null;
  if (!["CAMEL_STRING", "SNAKE_STRING", "NUMBER"].includes(form)) {
    throw new HostRefusal("configuration", `host: Envoy refuses %GRPC_STATUS(${form})%; there is CAMEL_STRING, SNAKE_STRING, NUMBER`);
  }
  const said = responseTrailers?.get("grpc-status") ?? responseHeaders?.get("grpc-status");
  return grpcStatusText(said === undefined ? grpcOfHttp(info.responseCode ?? 0) : Number(said), form);
}

/** `NAME?OTHER` is the first of both that is there. */
function header(map: { get(name: string): string | undefined } | null, names: string): string | null {
  for (const name of names.split("?")) {
    const value = map?.get(name);
    if (value !== undefined) return Buffer.from(value, "latin1").toString("utf8");
  }
  return null;
}
