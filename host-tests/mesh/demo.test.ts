import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";

const run = promisify(execFile);

describe("the demo", () => {
  beforeAll(() => {
    if (!existsSync("dist/demo.js")) throw new Error("dist/demo.js is missing; run npm run build");
  });

  it("traces three services with and without Envoy's tracer, verifies it, and ends by itself", async () => {
    const { stdout } = await run(process.execPath, ["dist/demo.js"]);
    const traces = [...stdout.matchAll(/^ {2}trace ([0-9a-f]{32})$/gm)].map(([, id]) => id);
    expect(new Set(traces).size).toBe(8);
    for (const service of ["frontend", "user-service", "order-service"]) {
      expect(stdout).toMatch(
        new RegExp(`${service} SERVER .* user\\.id=u42 tenant\\.id=acme app\\.version=v1\\.2\\.3 cluster\\.name=cluster-[ab]`),
      );
      expect(stdout).toMatch(new RegExp(`${service} ingress +span [0-9a-f]{16} .* user\\.id=u7 tenant\\.id=globex`));
    }
    expect(stdout).not.toMatch(/00-not-a-trace-id-01-/);
  });
});
