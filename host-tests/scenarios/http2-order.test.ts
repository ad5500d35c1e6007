import { expect, it } from "vitest";
import { describeHosts } from "../matrix.ts";

const REPEATED: [string, string][] = [["x-a", "1"], ["x-b", "2"], ["x-a", "3"]]; // biome-ignore format: pairs
/** Node writes the values of a name together. */
const TOGETHER: [string, string][] = [["x-a", "1"], ["x-a", "3"], ["x-b", "2"]]; // biome-ignore format: pairs
const own = (headers: readonly [string, string][] = []) => headers.filter(([name]) => name.startsWith("x-a") || name.startsWith("x-b"));

describeHosts("repeated names in HTTP/2", {}, host => {
  it("come together, in requests and answers, headers and trailers", async () => {
    const upstream = await host.upstream({ respond: () => ({ headers: REPEATED, trailers: REPEATED }) });
    const proxy = await host.start({ clusters: [{ name: "upstream", url: upstream.url, http2: true }], listeners: [{ name: "in" }] });
    const answer = await proxy.request("in", { method: "POST", http2: true, headers: REPEATED, body: "x", trailers: REPEATED });
    expect(own(answer.upstream?.headers)).toEqual(TOGETHER);
    expect(answer.upstream?.trailers).toEqual(TOGETHER);
    expect(own(answer.headers)).toEqual(TOGETHER);
    expect(answer.trailers).toEqual(TOGETHER);
  });

  it("keep their order in HTTP/1.1", async () => {
    const upstream = await host.upstream({ respond: () => ({ headers: REPEATED }) });
    const proxy = await host.start({ clusters: [{ name: "upstream", url: upstream.url }], listeners: [{ name: "in" }] });
    const answer = await proxy.request("in", { headers: REPEATED });
    expect(own(answer.upstream?.headers)).toEqual(REPEATED);
    expect(own(answer.headers)).toEqual(REPEATED);
  });
});
