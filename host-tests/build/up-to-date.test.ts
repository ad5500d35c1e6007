import { mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type BuildResult, buildModule, watchModule } from "../../scripts/build/index.ts";
import { ROOT, temporaryFolder } from "./fixtures.ts";

const FILTER = `import { HeadersStatus, HttpContext, registerHttpFilter } from "meshwright/assembly";
import { VALUE } from "./value";
class Filter extends HttpContext {
  onRequestHeaders(endOfStream: bool): HeadersStatus {
    this.requestHeaders.set("x-value", VALUE);
    return HeadersStatus.Continue;
  }
}
registerHttpFilter<Filter>("filter");
`;

const folder = temporaryFolder();
const file = (name: string): string => join(folder, name);
const setValue = (text: string): void => writeFileSync(file("assembly/value.ts"), `export const VALUE = ${text};\n`);
const build = (options: { debug?: boolean } = {}): Promise<BuildResult> =>
  buildModule(file("assembly/index.ts"), { debug: true, reuse: true, ...options });

beforeAll(() => {
  mkdirSync(file("assembly"));
  mkdirSync(file("node_modules"));
  symlinkSync(ROOT, file("node_modules/meshwright"));
  writeFileSync(file("package.json"), '{ "name": "filter", "version": "1.0.0" }');
  writeFileSync(file("assembly/index.ts"), FILTER);
  setValue('"one"');
});

describe("a build that may reuse", () => {
  it("builds once, and again when a file that it imports has changed", async () => {
    const first = await build();
    expect(first.reused).toBe(false);
    const now = new Date();
    utimesSync(file("assembly/value.ts"), now, now);
    expect(await build()).toEqual({ ...first, reused: true, milliseconds: 0 });
    setValue('"two"');
    const changed = await build();
    expect(changed.reused).toBe(false);
    expect(changed.meta.sha256).not.toBe(first.meta.sha256);
  });

  it("builds again for another schema, another version, and when somebody else wrote the module", async () => {
    writeFileSync(file("assembly/config.schema.json"), '{ "type": "object" }');
    expect((await build()).reused).toBe(false);
    writeFileSync(file("package.json"), '{ "name": "filter", "version": "1.0.1" }');
    const { wasmFile } = await build();
    const module = readFileSync(wasmFile);
    writeFileSync(wasmFile, "something else");
    expect((await build()).reused).toBe(false);
    expect(readFileSync(wasmFile).equals(module)).toBe(true);
    expect((await build()).reused).toBe(true);
  });

  it("fails again for the same reason without compiling, and leaves the module that was there", async () => {
    const { wasmFile } = await build();
    const module = readFileSync(wasmFile);
    setValue("no such thing");
    const first = await build().catch((error: Error) => error);
    const again = await build().catch((error: Error) => error);
    expect(first).toMatchObject({ code: "compile", message: expect.stringContaining("value.ts") });
    expect(again).toMatchObject({ code: "compile", message: (first as Error).message });
    expect(readFileSync(wasmFile).equals(module)).toBe(true);
    setValue('"one"');
    expect((await build()).reused).toBe(false);
  });
});

describe("a watch", () => {
  it("builds at the beginning, after each change, and goes on after an error", async () => {
    const outcomes: (BuildResult | Error)[] = [];
    let heard: () => void = () => {};
    const next = (): Promise<void> =>
      new Promise(resolve => {
        heard = resolve;
      });
    const begun = next();
    const watch = watchModule(file("assembly/index.ts"), { debug: true }, outcome => {
      outcomes.push(outcome);
      heard();
    });
    try {
      await begun;
      for (const value of ['"three"', "no such thing", '"four"']) {
        const built = next();
        setValue(value);
        await built;
        // Files that no module is made of: nothing is to be said again, be it good or bad. A build elsewhere is time enough to hear of them.
        for (const name of ["config.json", "assembly/notes.txt"]) writeFileSync(file(name), value);
        if (value === "no such thing")
          await buildModule(file("assembly/value.ts"), { debug: true, outFile: file("other/value.wasm") }).catch(() => {});
      }
    } finally {
      await watch.close();
    }
    expect(outcomes.map(outcome => (outcome instanceof Error ? "error" : outcome.meta.name))).toEqual([
      "filter",
      "filter",
      "error",
      "filter",
    ]);
  });
});
