import { describe, expect, it } from "vitest";
import type { HostUpstreamRequest } from "./types.ts";
import { RequestsUnderWay } from "./under-way.ts";

const URL = "http://127.0.0.1:1";
const everything = () => true;
const idOf = (headers: readonly (readonly [string, string])[] = []) => headers.find(([name]) => name === "x-request-id")?.[1];
/** A request as the upstream has it. */
const got = (path: string, id: string | undefined): HostUpstreamRequest => ({
  method: "GET",
  path,
  headers: id === undefined ? [] : [["x-request-id", id]],
  body: "",
});

describe("requests that are under way together", () => {
  it("have ids of their own, but for the one that was first", () => {
    const all = new RequestsUnderWay();
    const first = all.begin({ path: "/first" }, everything);
    const second = all.begin({ path: "/second" }, everything);
    expect(first.sent).toEqual({ path: "/first" });
    expect(idOf(second.sent.headers)).toMatch(/^[0-9a-f-]{36}$/);
    // In the other order, the first with the id that Envoy made for it.
    all.arrived(URL, got("/second", idOf(second.sent.headers)));
    all.arrived(URL, got("/first", "0000-of-envoy"));
    expect(all.end(first.entry)).toMatchObject({ path: "/first" });
    expect(all.end(second.entry)).toMatchObject({ path: "/second" });
    expect(all.begin({ path: "/alone" }, everything).sent).toEqual({ path: "/alone" });
  });

  it("belong to their ids although a tracer has written into them", () => {
    const all = new RequestsUnderWay();
    const first = all.begin({}, everything);
    const second = all.begin({ headers: [["x-request-id", "8a5f2a4c-1111-4111-8111-111111111111"]] }, everything);
    all.arrived(URL, got("/", "8a5f2a4c-1111-9111-8111-111111111111"));
    expect(all.end(second.entry)).not.toBeNull();
    expect(all.end(first.entry)).toBeNull();
  });

  it("are unclear when a filter has given them other ids, and null when nothing has reached an upstream of theirs", () => {
    const all = new RequestsUnderWay();
    const [a, b] = [all.begin({}, everything), all.begin({}, everything)];
    for (const path of ["/a", "/b"]) all.arrived(URL, got(path, "of the filter"));
    expect(all.end(a.entry)).toBe("unclear");
    const [c, d] = [all.begin({}, url => url !== URL), all.begin({}, everything)];
    all.arrived(URL, got("/d", idOf(d.sent.headers)));
    expect(all.end(c.entry)).toBeNull();
    expect(all.end(d.entry)).toMatchObject({ path: "/d" });
    expect(b.entry.alone).toBe(false);
  });

  it("are the last one where a request was sent again", () => {
    const all = new RequestsUnderWay();
    const only = all.begin({}, everything);
    for (const path of ["/first-try", "/second-try"]) all.arrived(URL, got(path, "of envoy"));
    expect(all.end(only.entry)).toMatchObject({ path: "/second-try" });
  });
});
