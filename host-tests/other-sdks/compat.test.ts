/** The same source, built with the SDK that it was written for and with compat, says and does the same. */
import { beforeAll, expect, it } from "vitest";
import { buildWithCompat } from "../compat/build.ts";
import { describeHosts, type HostRequest } from "../matrix.ts";
import { buildGcore, buildSolo } from "./build.ts";
import { transcript } from "./transcript.ts";

const BUILD_MS = 300_000;

const INDEX: readonly HostRequest[] = [
  { path: "/plain", headers: [["x-replaced", "by nobody"], ["x-removed", "1"]] }, // biome-ignore format: one request
  { path: "/asked", headers: [["x-ask", "answers"]] },
  { path: "/denied", headers: [["x-ask", "answers"]] },
  { path: "/unknown", headers: [["x-ask", "nowhere"]] },
];
/** Ports differ from run to run. */
const HOST = ["host", "filter.test"] as const;
const MORE: readonly HostRequest[] = [
  { path: "/get", headers: [HOST, ["x-in-first", "1"], ["x-in-second", "2"], ["x-in-second", "3"]] }, // biome-ignore format: one request
  { path: "/post", method: "POST", headers: [HOST], body: "some words" },
  { path: "/post", method: "POST", headers: [HOST], body: "more ".repeat(50) },
  { path: "/local", headers: [HOST, ["x-in-first", "ü"]] },
  { path: "/empty", headers: [HOST, ["x-in-first", ""]] },
];

/**
 * Where compat differs on purpose. Levels of log lines are the third: Gcore's SDK writes to the standard output, which is level info to Envoy, and puts
 * the level before the text; that prefix is left out of the transcripts.
 */
const MENDED = [
  {
    why: "text that is no UTF-8 loses its end there, and becomes the name of another cluster",
    request: { path: "/asked", headers: [["x-ask", "answers\xff"]] } satisfies HostRequest,
    original: "answered 200 for /asked",
    compat: "not asked: 2",
  },
];

for (const { sdk, folder, build } of [
  { sdk: "@solo-io/proxy-runtime 0.1.8", folder: "solo", build: buildSolo },
  { sdk: "@gcoredev/proxy-wasm-sdk-as 1.2.3", folder: "gcore", build: buildGcore },
]) {
  const modules = { index: { original: "", compat: "" }, more: { original: "", compat: "" } };
  beforeAll(async () => {
    for (const program of ["index", "more"] as const) {
      modules[program] = { original: await build(program), compat: await buildWithCompat(folder, program) };
    }
  }, BUILD_MS);

  describeHosts(`a filter on ${sdk} and on compat`, {}, host => {
    it.each([
      ["index", INDEX, "logged", undefined],
      ["more", MORE, "delete", "tick 1"],
    ] as const)("tells the same: %s", async (program, requests, last, awaited) => {
      const original = await transcript(host, modules[program].original, requests, last, awaited);
      const compat = await transcript(host, modules[program].compat, requests, last, awaited);
      expect(original.streams.map(({ said }) => said.length > 0)).not.toContain(false);
      expect(compat).toEqual(original);
    });

    it.each(MENDED)("differs where $why", async ({ request, original, compat }) => {
      const said = async (wasm: string) => (await transcript(host, wasm, [request], "logged")).streams.flatMap(each => each.said);
      expect(await said(modules.index.original)).toContain(original);
      expect(await said(modules.index.compat)).toContain(compat);
    });
  });
}
