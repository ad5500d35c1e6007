import { beforeAll, expect, it } from "vitest";
import { describeHosts, type ProxyHost } from "../matrix.ts";
import { filter } from "./fixture.ts";

let answers = "";
let raw = "";
beforeAll(async () => {
  answers = await filter("answers");
  raw = await filter("raw-answer");
});

const start = (host: ProxyHost, name: string, wasm: string) => host.start({ listeners: [{ name: "in", filters: [{ name, wasm }] }] });

describeHosts("an answer of a filter's own", {}, host => {
  it.each(["204", "304"])("has no body with status %s", async status => {
    const proxy = await start(host, "answers", answers);
    for (const http2 of [false, true]) {
      const answer = await proxy.request("in", { http2, headers: [["x-answer", status]] });
      expect([answer.status, answer.body, answer.header("content-length")]).toEqual([Number(status), "", null]);
    }
  });

  it.each(["0", "199", "1000"])("is none to a client with status %s", async status => {
    const proxy = await start(host, "answers", answers);
    await expect(proxy.request("in", { headers: [["x-answer", status]] })).rejects.toThrow("Parse Error");
    await expect(proxy.request("in", { headers: [["x-answer", status]], http2: true })).rejects.toThrow("the stream was reset");
  });

  it("is none to a client when a body follows 204", async () => {
    const proxy = await start(host, "raw-answer", raw);
    await expect(proxy.request("in")).rejects.toThrow("Parse Error");
    await expect(proxy.request("in", { http2: true })).rejects.toThrow("the stream was reset");
  });
});
