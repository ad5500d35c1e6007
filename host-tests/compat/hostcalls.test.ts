/** What compat asks the host for, where the originals ask in every request, or for each header. */
import { beforeAll, describe, expect, it } from "vitest";
import "../matchers.ts";
import { createHost } from "../host/index.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let globals = "";
let late = "";
let changes = "";
let held = "";
let effective = "";
beforeAll(async () => {
  globals = await buildWithCompat("globals");
  late = await buildWithCompat("late");
  changes = await buildWithCompat("late", "changes");
  held = await buildWithCompat("late", "held");
  effective = await buildWithCompat("effective");
}, BUILD_MS);

describe("hostcalls of a request, on compat", () => {
  it("the environment is read once for each name", () => {
    const host = createHost();
    host.plugin({ wasm: globals, name: "globals", config: "x", env: { NAME: "ann", PASSWORD: "secret" } });
    const asked = () => host.trace.lines.filter(line => line.includes("->host] wasi_snapshot_preview1.environ_get("));
    host.request();
    expect(asked()).toHaveLength(3);
    host.trace.clear();
    expect(host.request().upstream).toHaveHeader("x-env", "ann 6 none");
    expect(asked()).toEqual([]);
  });

  it("headers that are kept for the response are read once, as a whole", () => {
    const host = createHost();
    host.plugin({ wasm: late, name: "late", config: "x" });
    host.request({ headers: [["origin", "https://a.example"]] });
    const reads = ["proxy_get_header_map_value", "proxy_get_header_map_pairs"].map(name =>
      host.trace.calls(name).filter(({ within }) => within === "proxy_on_request_headers"),
    );
    expect(reads.map(({ length }) => length)).toEqual([0, 1]);
  });

  it.each([
    ["set", 1],
    ["remove", 1],
    // Only the host knows what comes of it.
    ["add", 2],
  ])("headers that are kept and %s in the request are read as a whole %i times", (change, times) => {
    const host = createHost();
    host.plugin({ wasm: changes, name: "changes", config: "this" });
    host.request({
      headers: [
        ["x-id", "7"],
        ["x-changes", `${change} x-id 8;${change} :path /b`],
      ],
    });
    expect(host.trace.calls("proxy_get_header_map_pairs").filter(({ within }) => within === "proxy_on_request_headers")).toHaveLength(
      times,
    );
  });

  it("headers that the filter holds back are kept when it lets them go on, not before", () => {
    const host = createHost();
    host.plugin({ wasm: held, name: "held", config: "x", allowOnHeadersStopIteration: true });
    const answer = host.request({ method: "POST", headers: [["x-id", "7"]], body: ["ab", "cd"] });
    expect(answer).toHaveHeader("x-seen", "id 7, size 4");
    const reads = host.trace.calls("proxy_get_header_map_pairs").map(({ within }) => within);
    expect(reads).toEqual(["proxy_on_request_headers", "proxy_on_request_body"]);
  });

  it("what the host has no longer it is asked for once in a stream", () => {
    const host = createHost();
    host.plugin({ wasm: late, name: "late", config: "x" });
    expect(host.request({ headers: [["origin", "https://a.example"]] })).toHaveHeader("x-origin", "https://a.example, []");
    const asked = host.trace.lines.filter(line => /->host\] env\.proxy_get_header_map_(?:value|pairs)\(0,/.test(line));
    // As a whole in the request, and one header in the response.
    expect(asked).toHaveLength(2);
  });

  it("a stream that is the effective one already is not made so again, and its headers are read once", () => {
    const host = createHost();
    host.plugin({ wasm: effective, name: "effective", config: "x" });
    host.request({ path: "/a", headers: [["x-user", "ann"]] });
    host.trace.clear();
    expect(host.request({ path: "/a", headers: [["x-user", "ann"]] }).upstream).toHaveHeader("x-seen", "GET /a ann");
    expect(host.trace.calls("proxy_set_effective_context")).toEqual([]);
    expect(host.trace.calls("proxy_get_header_map_pairs")).toHaveLength(1);
  });

  it("another stream that was made the effective one has its own headers", () => {
    const host = createHost();
    host.plugin({ wasm: effective, name: "effective", config: "x" });
    const waiting = host.request({ path: "/wait", headers: [["x-user", "ann"]] });
    expect(waiting.upstream).toBeNull();
    const other = host.request({ path: "/let-go", headers: [["x-user", "bob"]] });
    expect(other.upstream).toHaveHeader("x-seen", "GET /let-go bob, GET /wait ann, GET /let-go bob");
    expect(waiting.upstream).toHaveHeader("x-seen", "GET /wait ann");
  });
});
