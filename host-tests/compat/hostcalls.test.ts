/** What compat asks the host for, where the originals ask in every request, or for each header. */
import { beforeAll, describe, expect, it } from "vitest";
import "../matchers.ts";
import { createHost } from "../host/index.ts";
import { buildWithCompat } from "./build.ts";

const BUILD_MS = 300_000;
let globals = "";
let late = "";
beforeAll(async () => {
  globals = await buildWithCompat("globals");
  late = await buildWithCompat("late");
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
});
