import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { type FilterLine, filterLine, startSession } from "../../scripts/run/index.ts";
import { request } from "../envoy/index.ts";
import { envoyVersions } from "../envoy/versions.ts";
import { buildTraps, lineOf } from "./traps.ts";

let file = "";
beforeAll(async () => {
  file = (await buildTraps()).wasmFile;
});

describe("meshwright run", () => {
  it("shows, beside each frame of a trap, what stands there in the sources", async () => {
    const lines: FilterLine[] = [];
    let complete: () => void = () => {};
    const last = new Promise<void>(resolve => {
      complete = resolve;
    });
    const session = await startSession({
      module: { file, name: "traps" },
      envoyVersion: envoyVersions()[0],
      onRequest: () => {},
      onFilterLine: line => {
        lines.push(line);
        if (line.text.endsWith("/proxy_on_request_headers")) complete();
      },
    });
    onTestFinished(() => session.stop());
    const { hostname: host, port } = new URL(session.url);
    expect((await request({ host, port: Number(port) }, { headers: [["x-trap", "bounds"]] })).status).toBe(503);
    await last;
    const frames = lines.filter(({ source }) => source);
    expect(frames.map(({ text }) => text.trim().replace(/0x[0-9a-f]+/, "OFFSET"))[0]).toBe("0:  OFFSET - assembly/sdk/abort/abort");
    const shown = frames.map(filterLine).join("\n");
    expect(shown).toContain("- assembly/sdk/callbacks/http/proxy_on_request_headers\n");
    expect(shown).toMatch(new RegExp(`^ {23}element \\(${lineOf("bounds")}:10\\) {2}\\| last = numbers\\[at\\]; // bounds$`, "m"));
  });
});
