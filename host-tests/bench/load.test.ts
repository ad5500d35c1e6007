import { describe, expect, it } from "vitest";
import { loadGenerators, parseH2load, parseWrk, wrk } from "../../scripts/bench/load.ts";
import { ToolMissingError } from "../../scripts/bench/tool-missing.ts";

const WRK = `Running 2s test @ http://127.0.0.1:10000/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   504.39us  312.01us   9.04ms   92.03%
    Req/Sec    32.11k     1.72k   35.00k    70.00%
  Latency Distribution
     50%  450.00us
     75%  560.00us
     90%    0.70ms
     99%    1.62ms
  64000 requests in 2.00s, 9.00MB read
Requests/sec:  31987.12
Transfer/sec:      4.50MB
`;

const H2LOAD = `finished in 2.00s, 21000.50 req/s, 1.20MB/s
requests: 42001 total, 42001 started, 42001 done, 42001 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 42001 2xx, 0 3xx, 0 4xx, 0 5xx
`;

describe("wrk's report", () => {
  it("is read for requests per second, the middle and the 99th percentile", () => {
    expect(parseWrk(WRK)).toEqual({ requestsPerSecond: 31_987.12, p50: 0.45, p99: 1.62 });
  });

  it("is refused when answers were no success", () => {
    expect(() => parseWrk(`${WRK}  Non-2xx or 3xx responses: 7\n`)).toThrow(/no success: 7/);
    expect(() => parseWrk(`${WRK}  Socket errors: connect 0, read 3, write 0, timeout 0\n`)).toThrow(/read 3/);
  });

  it("is refused when there is nothing in it", () => {
    expect(() => parseWrk("unable to connect to 127.0.0.1:1 Connection refused\n")).toThrow(/cannot|can read/);
  });
});

describe("h2load's report", () => {
  const log = Array.from({ length: 100 }, (_, i) => `1700000000\t200\t${(i + 1) * 10}`).join("\n");

  it("is read for requests per second, its log for latencies", () => {
    expect(parseH2load(H2LOAD, log)).toEqual({ requestsPerSecond: 21_000.5, p50: 0.51, p99: 1 });
  });

  it("is refused when answers were no success", () => {
    expect(() => parseH2load(H2LOAD, `${log}\n1700000000\t503\t10`)).toThrow(/1 of 101/);
    expect(() => parseH2load(H2LOAD.replace("0 timeout", "2 timeout"), log)).toThrow(/no success/);
  });
});

describe("load generators", () => {
  it("that are missing are named with the package that has them", async () => {
    const missing = loadGenerators([{ ...wrk, name: "no-such-generator" as "wrk" }]);
    await expect(missing).rejects.toThrow(ToolMissingError);
    await expect(missing).rejects.toThrow(/no-such-generator is not on PATH/);
  });
});
