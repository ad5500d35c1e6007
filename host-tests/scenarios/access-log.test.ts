import { beforeAll, expect, it } from "vitest";
import "../matchers.ts";
import { describeHosts, grpcAnswer, type HostRequest } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("answers");
});

const GRPC = [["content-type", "application/grpc"]] as const;
const own = (status: number, grpc?: number): HostRequest => ({
  headers: [["x-answer", String(status)], ...(grpc === undefined ? [] : [["x-answer-grpc", String(grpc)] as const])],
});
const grpc = (request: HostRequest): HostRequest => ({ ...request, method: "POST", headers: [...GRPC, ...(request.headers ?? [])] });

const HALF = "upstream_reset_after_response_started{connection_termination}";

describeHosts("an access log", {}, host => {
  it.each<[what: string, request: HostRequest, line: object]>([
    ["of an answer", {}, { text: "-/-", attempts: 1, grpc: null }],
    ["of a request without a route", { path: "/none" }, { code: 404, flags: "NR", long: "NoRouteFound", attempts: 0 }],
    ["of an upstream that breaks off", { path: "/reset" }, { code: 503, flags: "UC", long: "UpstreamConnectionTermination", attempts: 1 }],
    [
      "of an upstream that refuses",
      { path: "/dead" },
      { code: 503, flags: "UF", long: "UpstreamConnectionFailure", why: "delayed_connect_error:_Connection_refused" },
    ],
    ["of an upstream that never answers", { path: "/never" }, { code: 504, flags: "UT", long: "UpstreamRequestTimeout", attempts: 1 }],
    ["of an upstream that breaks off behind its headers", { path: "/half" }, { code: 200, flags: "UC", sent: 4, details: HALF }],
    ["of an answer of the filter", own(418), { code: 418, flags: "-", attempts: 0 }],
    ["of a gRPC answer", grpc({}), { grpc: "OK", snake: "OK", number: 0, same: 0, text: "-/OK" }],
    [
      "of a gRPC answer that is a failure",
      grpc({ path: "/failed" }),
      { code: 200, flags: "-", grpc: "NotFound", snake: "NOT_FOUND", number: 5 },
    ],
    ["of a gRPC answer with a number of nobody's", grpc({ path: "/odd" }), { grpc: "77", snake: "77", number: 77 }],
    ["of an answer to gRPC that is none", grpc({ path: "/plain" }), { grpc: "Unknown", number: 2 }],
    ["of an answer to gRPC that is none, and an error", grpc({ path: "/error" }), { code: 404, grpc: "Unimplemented", number: 12 }],
    ["of an answer of the filter to gRPC", grpc(own(403)), { code: 200, grpc: "PermissionDenied", snake: "PERMISSION_DENIED", number: 7 }],
    ["of an answer of the filter to gRPC with its status", grpc(own(403, 9)), { grpc: "FailedPrecondition", number: 9 }],
    [
      "of a gRPC request without a route",
      grpc({ path: "/none" }),
      { code: 200, flags: "NR", grpc: "Unimplemented", text: "NR/Unimplemented" },
    ],
    ["of a gRPC request whose upstream refuses", grpc({ path: "/dead" }), { code: 200, flags: "UF", grpc: "Unavailable", number: 14 }],
    ["of a grpc-status that is not of gRPC", { path: "/failed" }, { code: 200, grpc: null, number: null, same: null }],
  ])("has what became %s", async (_, request, line) => {
    const upstream = await host.upstream({
      respond: ({ path }) => {
        if (path === "/reset" || path === "/never") return path === "/reset" ? "reset" : "never";
        if (path === "/half") return { body: "half", thenReset: true };
        if (path === "/failed") return grpcAnswer({ status: 5 });
        if (path === "/odd") return grpcAnswer({ message: "x", status: 77 });
        if (path === "/plain") return { body: "plain" };
        if (path === "/error") return { status: 404, body: "plain" };
        return grpcAnswer({ message: "x" });
      },
    });
    const json = {
      code: "%RESPONSE_CODE%",
      flags: "%RESPONSE_FLAGS%",
      long: "%RESPONSE_FLAGS_LONG%",
      grpc: "%GRPC_STATUS%",
      snake: "%GRPC_STATUS(SNAKE_STRING)%",
      number: "%GRPC_STATUS(NUMBER)%",
      same: "%GRPC_STATUS_NUMBER%",
      why: "%UPSTREAM_TRANSPORT_FAILURE_REASON%",
      attempts: "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
      details: "%RESPONSE_CODE_DETAILS%",
      sent: "%BYTES_SENT%",
      text: "%RESPONSE_FLAGS%/%GRPC_STATUS%",
    };
    const proxy = await host.start({
      clusters: [
        { name: "upstream", url: upstream.url, http2: true },
        { name: "dead", url: "http://127.0.0.1:1" },
      ],
      listeners: [
        {
          name: "in",
          filters: [{ name: "answers", wasm }],
          accessLog: { json },
          routes: [
            { prefix: "/dead", cluster: "dead" },
            ...["/", "/reset", "/never", "/half", "/failed", "/odd", "/plain", "/error"].map(path => ({ path, cluster: "upstream" })),
          ],
        },
      ],
    });
    // The client of an answer that breaks off has none.
    await proxy.request("in", request).catch((error: Error) => expect(error.message).toBe("aborted"));
    const [entry] = await proxy.waitForAccessLog(1, "in");
    expect(entry).toMatchObject(line);
  });
});
