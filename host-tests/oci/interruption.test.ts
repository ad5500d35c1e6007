import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { CHUNK } from "../../scripts/oci/upload.ts";
import { type Fault, startFaultyProxy } from "./faulty-proxy.ts";
import { meshwright, moduleOf } from "./fixtures.ts";
import type { Listening } from "./listen.ts";
import { describeRegistries, temporaryFolder } from "./matrix.ts";

describeRegistries("an interrupted upload", start => {
  const folder = temporaryFolder();
  const large = join(folder, "large.wasm");
  const small = join(folder, "small.wasm");
  writeFileSync(large, moduleOf(9_500_000));
  writeFileSync(small, moduleOf(300_000));

  /** Pushes through a line that breaks, pulls through one that does not. */
  async function through(
    fault: Fault,
    file: string,
    check: (push: Awaited<ReturnType<typeof meshwright>>, to: Listening) => Promise<void>,
  ) {
    const registry = await start();
    const proxy = await startFaultyProxy(registry.host, fault);
    try {
      await check(await meshwright(["push", file, `oci://${proxy.host}/a/b:1`, "--plain-http"]), registry);
    } finally {
      await proxy.stop();
    }
  }

  async function expectPulled(host: string, file: string): Promise<void> {
    const back = join(folder, "back.wasm");
    expect(await meshwright(["pull", `oci://${host}/a/b:1`, "-o", back, "--plain-http"])).toMatchObject({ status: 0, err: "" });
    expect(readFileSync(back).equals(readFileSync(file))).toBe(true);
  }

  it("between two chunks goes on with the second", async () => {
    const sent: number[] = [];
    const fault: Fault = ({ method, headers }) => {
      if (method === "PATCH") sent.push(Number(headers["content-length"]));
      return method === "PATCH" && sent.length === 2 ? 0 : null;
    };
    await through(fault, large, async (pushed, { host }) => {
      expect(pushed).toMatchObject({ status: 0 });
      await expectPulled(host, large);
      expect(sent).toEqual([CHUNK, CHUNK, CHUNK, 9_500_000 - 2 * CHUNK]);
    });
  });

  it("in the middle of a chunk goes on, or begins again where the registry drops it", async () => {
    let chunks = 0;
    const fault: Fault = ({ method }) => (method === "PATCH" && ++chunks === 2 ? 1_000_000 : null);
    await through(fault, large, async (pushed, { host }) => {
      expect(pushed).toMatchObject({ status: 0 });
      await expectPulled(host, large);
    });
  });

  it("of a small module goes on, too", async () => {
    let broken = false;
    const fault: Fault = ({ method, headers }) => {
      if (broken || method !== "PUT" || Number(headers["content-length"]) < 100_000) return null;
      broken = true;
      return 100_000;
    };
    await through(fault, small, async (pushed, { host }) => {
      expect(pushed).toMatchObject({ status: 0 });
      expect(broken).toBe(true);
      await expectPulled(host, small);
    });
  });

  it("that never gets through ends with status 1 and no tag", async () => {
    const fault: Fault = ({ method, headers }) => (method === "PUT" && Number(headers["content-length"]) > 100_000 ? 0 : null);
    await through(fault, small, async ({ status, out, err }, { host }) => {
      expect({ status, out }).toEqual({ status: 1, out: "" });
      expect(err).toMatch(
        /broke off during PUT .*; try again\noci: gave up the upload of sha256:\w+ after 4 failures; no tag has been written\n/,
      );
      const pulled = await meshwright(["pull", `oci://${host}/a/b:1`, "--plain-http"]);
      expect(pulled).toMatchObject({ status: 1, out: "" });
      expect(pulled.err).toContain('has no "1"');
    });
  });

  it("of the last manifest leaves no tag", async () => {
    const fault: Fault = ({ method, url }) => (method === "PUT" && url?.endsWith("/manifests/1") ? 0 : null);
    await through(fault, small, async ({ status, err }, { host }) => {
      expect(status).toBe(1);
      expect(err).toContain("broke off during PUT");
      expect(await meshwright(["pull", `oci://${host}/a/b:1`, "--plain-http"])).toMatchObject({ status: 1 });
    });
  });
});
