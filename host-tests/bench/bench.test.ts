import { describe, expect, it } from "vitest";
import { sumOfBusiest, totalOf } from "../../scripts/bench/callgrind.ts";
import { onCpu } from "../../scripts/bench/cpu.ts";
import { linearMemories } from "../../scripts/bench/memory.ts";
import { ADDED_BY_ENVOY, parseRequest, requestOf, requestWithBody, requestWithFields, type Traffic } from "../../scripts/bench/traffic.ts";
import type { EchoedRequest } from "../envoy/index.ts";
import { describeEnvoy } from "../envoy/vitest.ts";

/** The fields of a request without Host, which the filter sees as :authority. */
function fieldsOf(traffic: Traffic): string[] {
  return requestOf(traffic)
    .split("\r\n")
    .slice(1)
    .filter(line => line !== "" && !line.startsWith("host:"))
    .map(line => line.slice(0, line.indexOf(":")));
}

describe("the bench's traffic", () => {
  it("hit has 12 headers as a filter sees them, the three of the task among them", () => {
    expect(fieldsOf("hit").length + ADDED_BY_ENVOY.length).toBe(12);
    expect(fieldsOf("hit")).toEqual(expect.arrayContaining(["x-user-id", "x-tenant-id", "traceparent"]));
  });

  it("miss is hit without the three", () => {
    expect(fieldsOf("miss")).toEqual(fieldsOf("hit").filter(name => !["x-user-id", "x-tenant-id", "traceparent"].includes(name)));
  });

  it("many has 34 headers, one of 600 bytes", () => {
    expect(fieldsOf("many").length + ADDED_BY_ENVOY.length).toBe(34);
    expect(/\r\ncookie: (.*)\r\n/.exec(requestOf("many"))?.[1]).toHaveLength(600);
  });
});

describe("the bench's requests", () => {
  it("have as many header fields as asked for, the three of the task among them", () => {
    for (const count of [5, 20, 100]) {
      const names = parseRequest(requestWithFields(count)).headers.map(([name]) => name);
      expect(names.filter(name => name !== "host")).toHaveLength(count);
      expect(names).toEqual(expect.arrayContaining(["x-user-id", "x-tenant-id", "traceparent"]));
    }
  });

  it("have a body of as many bytes as they say", () => {
    const request = requestWithBody(1024);
    expect(parseRequest(request)).toMatchObject({ method: "POST", path: "/" });
    expect(parseRequest(request).headers).toContainEqual(["content-length", "1024"]);
    expect(request.length - request.indexOf("\r\n\r\n") - 4).toBe(1024);
  });
});

describeEnvoy("the bench's traffic", {}, envoy => {
  it("gets from Envoy the headers that the count assumes", async () => {
    const echo = await envoy.echo();
    const proxy = await envoy.start({ config: { listeners: [{ name: "in" }], clusters: [{ name: "echo", url: echo.url }] } });
    const response = await proxy.raw("in", requestOf("miss").replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
    const body = response.slice(response.indexOf("{"), response.lastIndexOf("}") + 1);
    const names = (JSON.parse(body) as EchoedRequest).headers.map(([name]) => name);
    // The pseudo headers are gone on the wire of HTTP/1.1, where :authority is host; the router adds the timeout after the filters.
    const shown = ["host", ...ADDED_BY_ENVOY.filter(name => !name.startsWith(":")), "x-envoy-expected-rq-timeout-ms"];
    expect(names.sort()).toEqual([...fieldsOf("miss"), ...shown].sort());
  });
});

describe("the bench's readings", () => {
  it("takes the instructions from a dump of callgrind", () => {
    expect(totalOf("version: 1\nthread: 7\n\nevents: Ir\n\nfn=(1)\n1 5\n\ntotals: 131479000\n")).toBe(131_479_000);
    expect(totalOf("version: 1\nthread: 2\n")).toBe(0);
  });

  it("takes the busiest threads for the workers, and refuses a count of nothing", () => {
    expect(sumOfBusiest([0, 12, 900, 1_000], 1)).toBe(1_000);
    expect(sumOfBusiest([0, 12, 900, 1_000], 2)).toBe(1_900);
    expect(() => sumOfBusiest([0, 0], 1)).toThrow(/counted no instructions/);
    expect(() => sumOfBusiest([], 1)).toThrow(/counted no instructions/);
  });

  it("takes nanoseconds on the processor from schedstat", () => {
    expect(onCpu("763569 60601 1\n")).toBe(763_569);
    expect(() => onCpu("0 0 0\n")).toThrow(/schedstat/);
  });

  it("finds Wasm memories by the address range that V8 keeps free behind them", () => {
    const maps = [
      "7fc610c7d000-7fc61147d000 rw-p 00000000 00:00 0 ",
      "7fc61147d000-7fc61147e000 ---p 00000000 00:00 0 ",
      "7fc612c80000-7fc612cb0000 rw-p 00000000 00:00 0 ",
      "7fc612cb0000-7fc812c80000 ---p 00000000 00:00 0 ",
      "7fca42c80000-7fca42d80000 rw-p 00000000 00:00 0 ",
      "7fca42d80000-7fcc42c80000 ---p 00000000 00:00 0 ",
      "7ffed05b9000-7ffed05da000 rw-p 00000000 00:00 0 [stack]",
    ];
    expect(linearMemories(maps.join("\n"))).toEqual([1024, 192]);
  });
});
