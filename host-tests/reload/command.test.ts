import { spawn } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { buildVersioned } from "./modules.ts";

it("meshwright run --watch --json says what came of each change, and ends at once when it is told to", async () => {
  const folder = await mkdtemp(join(tmpdir(), "meshwright-command-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [wasm, config] = [join(folder, "versioned.wasm"), join(folder, "config.json")];
  await copyFile(await buildVersioned(), wasm);
  await writeFile(config, '{"version": "1"}');
  const args = ["run", wasm, "--watch", "--json", "--config", config, "--envoy", "1.40.0"];
  const child = spawn(process.execPath, ["dist/cli.js", ...args], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    out += chunk;
  });
  const lines = (name: string): unknown[] => {
    const all = out.split("\n").slice(0, -1);
    return all.map(line => JSON.parse(line) as Record<string, unknown>).flatMap(entry => (name in entry ? [entry[name]] : []));
  };
  const save = async (text: string): Promise<void> => {
    await writeFile(`${config}.new`, text);
    await rename(`${config}.new`, config);
  };

  await expect.poll(() => lines("started")).toEqual([{ refused: null }]);
  await save('{"version": "2"}');
  await expect.poll(() => lines("reload")).toMatchObject([{ what: "configuration", buildMs: null, accepted: true }]);
  await save('{"versoin": "3"}');
  const refused = {
    what: "configuration",
    accepted: false,
    isServing: true,
    reasons: expect.arrayContaining([expect.stringMatching(/versoin/)]),
  };
  await expect.poll(() => lines("reload")).toMatchObject([{ accepted: true }, refused]);
  await save("{");
  await expect
    .poll(() => lines("failed"))
    .toMatchObject([{ what: "configuration", message: expect.stringContaining("neither JSON nor YAML") }]);

  const ended = once(child, "exit");
  child.kill("SIGINT");
  expect(await ended).toEqual([0, null]);
});
