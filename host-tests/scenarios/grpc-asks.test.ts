import { beforeAll, expect, it } from "vitest";
import { describeHosts, grpcAnswer, grpcFrame, type HostAnswer, type Reaction } from "../matrix.ts";
import { filter } from "./fixture.ts";

let wasm = "";
beforeAll(async () => {
  wasm = await filter("grpc-asks");
});

const headers: [string, string][] = [["content-type", "application/grpc"]];
const ended = (body: Uint8Array): HostAnswer => ({ headers, body, trailers: [["grpc-status", "0"]] });
async function* inPieces(): AsyncGenerator<Uint8Array> {
  yield grpcFrame("late").subarray(0, 3);
  yield grpcFrame("late").subarray(3);
}

/** What a service answers, and the status and the text that a filter gets. */
const ANSWERS: [name: string, answer: () => Reaction, got: string][] = [
  ["a message", () => grpcAnswer({ message: "yes" }), "0 yes"],
  ["an empty message", () => grpcAnswer({ message: "" }), "0 "],
  ["a message in pieces", () => ({ ...grpcAnswer({ message: "" }), body: inPieces() }), "0 late"],
  ["two messages, of which the last counts", () => ended(Buffer.concat([grpcFrame("first"), grpcFrame("last")])), "0 last"],
  ["a status", () => grpcAnswer({ status: 7 }), "7 via_upstream"],
  ["a status with words", () => grpcAnswer({ status: 5, statusMessage: "no such" }), "5 no such{via_upstream}"],
  ["a status with words that are no ASCII", () => grpcAnswer({ status: 5, statusMessage: "ü" }), "5 %C3%BC{via_upstream}"],
  ["a status behind a message", () => grpcAnswer({ message: "yes", status: 9 }), "9 via_upstream"],
  ["a status beside HTTP's 503", () => ({ ...grpcAnswer({ status: 8 }), status: 503 }), "8 via_upstream"],
  ["status 0 without a message", () => grpcAnswer(), "13 "],
  ["half a message", () => ended(grpcFrame("yes").subarray(0, 6)), "13 "],
  ["a status that gRPC does not have", () => grpcAnswer({ status: 77 }), "-1 via_upstream"],
  ["no status", () => ({ headers, body: grpcFrame("yes") }), "2 via_upstream"],
  ["JSON", () => ({}), "13 via_upstream"],
  ...[
    [400, 13],
    [401, 16],
    [403, 7],
    [404, 12],
    [429, 14],
    [500, 2],
    [502, 14],
    [503, 14],
    [504, 14],
  ].map(
    // biome-ignore format: pairs
    ([status, code]): (typeof ANSWERS)[number] => [`HTTP's ${status}`, () => ({ status: status as number }), `${code} via_upstream`],
  ),
  ["nothing in time", () => "never", "14 upstream request timeout{response_timeout}"],
  [
    "a broken connection",
    () => "reset",
    "14 upstream connect error or disconnect/reset before headers. reset reason: connection termination{upstream_reset_before_response_started{connection_termination}}",
  ],
  [
    "a connection that breaks behind the message",
    () => ({ ...grpcAnswer({ message: "yes" }), thenReset: true }),
    "13 upstream_reset_after_response_started{connection_termination}",
  ],
];

describeHosts("a unary call of a filter", {}, host => {
  async function answerTo(url: string): Promise<string> {
    const proxy = await host.start({
      clusters: [{ name: "service", url, http2: true }],
      listeners: [{ name: "in", filters: [{ name: "grpc-asks", wasm }] }],
    });
    return (await proxy.request("in")).body;
  }

  it.each(ANSWERS)("is answered with %s", async (_, answer, got) => {
    const service = await host.upstream({ respond: answer() });
    expect(await answerTo(service.url)).toBe(got);
  });

  it("finds nobody", async () => {
    const more = /^1\.3[67]\./.test(host.version) ? ", transport failure reason: delayed connect error: Connection refused" : "";
    expect(await answerTo("http://127.0.0.1:1")).toBe(
      `14 upstream connect error or disconnect/reset before headers. reset reason: remote connection failure${more}` +
        "{upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}}",
    );
  });
});
