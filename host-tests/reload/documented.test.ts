import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { compareVersions } from "../../scripts/envoy/index.ts";
import { discovered } from "../../scripts/manifests/index.ts";
import { type EnvoySpec, envoyConfig, type Place, type RunningEnvoy } from "../envoy/index.ts";
import { describeEnvoy, type EnvoySuite } from "../envoy/vitest.ts";
import { documents, request } from "../manifests/fixtures.ts";

const TEXT = readFileSync("docs/hot-reload.md", "utf8");
const FILTER = "span-attributes";
const COUNTERS = `extension_config_discovery.http_filter.${FILTER}`;

/** The document's only block in that language, with Envoy's folder in the place of /etc/envoy. */
function block(language: string, folder: string): string {
  const [found, ...others] = [...TEXT.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(match => match[1] ?? "");
  if (found === undefined || others.length > 0) throw new Error(`docs/hot-reload.md should have one block of ${language}`);
  return found.replaceAll("/etc/envoy", folder);
}

/** The listener's part, and the file. */
interface Recipe {
  listener: { http_filters: { config_discovery: Discovery }[] };
  file: string;
}

const documentedRecipe = (folder: string): Recipe => ({ listener: parse(block("yaml", folder)), file: block("json", folder) });

/** As `meshwright manifest span-attributes --target envoy --ecds span-attributes.json` makes it. */
function generatedRecipe(folder: string, envoyVersion: string): Recipe {
  const config = { attributes: [{ name: "user.id", header: "x-user-id" }] };
  // For older ones a manifest has the filter write request headers, as their spans cannot read filter state; their access log can.
  const version = compareVersions(envoyVersion, "1.37.0") < 0 ? "1.37.0" : envoyVersion;
  const code = { from: "file", path: join(folder, "modules", "span-attributes-1.wasm") } as const;
  const [blocks = {}] = documents("envoy", request(FILTER, { config, code, envoyVersion: version }));
  return discovered(blocks, `${FILTER}.json`, join(folder, "filters")) as unknown as Recipe;
}

interface Discovery {
  config_source: { path_config_source: { path: string; watched_directory?: { path: string } } };
  default_config?: object;
}

interface Around {
  /** The document's by default. */
  recipe?: (folder: string) => Recipe;
  /** Changes the document's listener. */
  listener?: (discovery: Discovery, folder: string) => void;
  /** Instead of writing the document's JSON to where its YAML looks. */
  lay?: (json: string, folder: string) => void;
}

/** Envoy with what the document says; what the filter found is in the access log as `user`. */
function start(envoy: EnvoySuite, { recipe = documentedRecipe, listener, lay }: Around = {}): Promise<RunningEnvoy> {
  const config = (place: Place): string => {
    const { folder } = place;
    mkdirSync(join(folder, "filters"));
    mkdirSync(join(folder, "modules"));
    copyFileSync("build/span-attributes.wasm", join(folder, "modules", "span-attributes-1.wasm"));
    const { file, listener: blocks } = recipe(folder);
    if (lay) lay(file, folder);
    else writeFileSync(join(folder, "filters", `${FILTER}.json`), file);
    const { http_filters } = blocks;
    const [filter] = http_filters;
    if (filter) listener?.(filter.config_discovery, folder);
    const spec: EnvoySpec = {
      listeners: [{ name: "in", accessLog: { json: { user: "%FILTER_STATE(wasm.span.attributes.user.id:PLAIN)%" } } }],
    };
    return withFilters(envoyConfig(spec, place), http_filters);
  };
  return envoy.start({ config, listeners: 1 });
}

/** Puts filters before the router of the first listener. */
function withFilters(bootstrap: string, filters: object[]): string {
  const parsed = parse(bootstrap);
  parsed.static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters.unshift(...filters);
  return stringify(parsed, { lineWidth: 0, aliasDuplicateObjects: false, version: "1.1" });
}

/** What the filter makes of x-user-id now. */
async function user(proxy: RunningEnvoy): Promise<unknown> {
  const before = (await proxy.accessLog()).length;
  const { status } = await proxy.request({ headers: [["x-user-id", "u42"]] });
  // Also of a request that failed: its line would be taken for the next one's.
  const entry = (await proxy.waitForAccessLog(before + 1)).at(-1);
  return status === 200 ? entry?.user : status;
}

const withDefault = (json: string): string =>
  json.replace('\\"header\\": \\"x-user-id\\"', '\\"header\\": \\"x-absent\\", \\"default\\": \\"nobody\\"');
const withMistake = (json: string): string => json.replace('\\"header\\"', '\\"haeder\\"');

describeEnvoy("docs/hot-reload.md", {}, envoy => {
  it("has a listener, a file and commands that work as they stand", async () => {
    const proxy = await start(envoy);
    expect(await user(proxy)).toBe("u42");
    execFileSync("sh", ["-e"], { input: block("sh", proxy.folder), stdio: ["pipe", "inherit", "inherit"] });
    await expect.poll(() => proxy.stat(`${COUNTERS}.config_reload`)).toBe(2);
    expect(await proxy.stat(`${COUNTERS}.update_success`)).toBe(2);
    expect(await proxy.admin("/config_dump?resource=ecds_filters")).toMatch(/modules\/span-attributes-[0-9a-f]{16}\.wasm/);
    expect(await user(proxy)).toBe("u42");
  });

  it("has what meshwright manifest --ecds makes, with no more than the allowed capabilities", async () => {
    const proxy = await start(envoy, { recipe: folder => generatedRecipe(folder, envoy.version) });
    expect(await user(proxy)).toBe("u42");
    const { file } = generatedRecipe(proxy.folder, envoy.version);
    await proxy.writeFile(join(proxy.folder, "filters", `${FILTER}.json`), file.replace("x-user-id", "x-absent"));
    await expect.poll(() => proxy.stat(`${COUNTERS}.config_reload`)).toBe(2);
    expect(await user(proxy)).toBe(null);
    expect(await proxy.logs(/Deprecated field/)).toEqual([]);
  });

  it("follows a ConfigMap, but not without watched_directory", async () => {
    const proxies = await Promise.all(
      [true, false].map(watched =>
        start(envoy, {
          lay: (json, folder) => {
            moveMapIn(folder, "..2026_1", json);
            symlinkSync(join("..data", `${FILTER}.json`), join(folder, "filters", `${FILTER}.json`));
          },
          listener: ({ config_source }) => {
            if (!watched) delete config_source.path_config_source.watched_directory;
          },
        }),
      ),
    );
    const [watching, blind] = proxies as [RunningEnvoy, RunningEnvoy];
    for (const proxy of proxies) moveMapIn(proxy.folder, "..2026_2", withDefault(block("json", proxy.folder)));
    await expect.poll(() => watching.stat(`${COUNTERS}.config_reload`)).toBe(2);
    expect(await user(watching)).toBe("nobody");

    // A move that it does see: when that one is its second attempt, the first move was none.
    symlinkSync(join("..data", `${FILTER}.json`), join(blind.folder, "filters", "link"));
    renameSync(join(blind.folder, "filters", "link"), join(blind.folder, "filters", `${FILTER}.json`));
    await expect.poll(() => blind.stat(`${COUNTERS}.config_reload`)).toBe(2);
    expect(await blind.stat(`${COUNTERS}.update_attempt`)).toBe(2);
  });

  it.each([
    ["answers 500 when the first version is refused", false, 500, "u42"],
    ["answers with default_config when the first version is refused", true, "nobody", "u42"],
  ])("%s", async (_, hasDefault, first, second) => {
    const proxy = await start(envoy, {
      lay: (json, folder) => writeFileSync(join(folder, "filters", `${FILTER}.json`), withMistake(json)),
      listener: (discovery, folder) => {
        const [resource] = (JSON.parse(withDefault(block("json", folder))) as { resources: { typed_config: object }[] }).resources;
        if (hasDefault && resource) discovery.default_config = resource.typed_config;
      },
    });
    expect(await user(proxy)).toBe(first);
    await proxy.writeFile(join(proxy.folder, "filters", `${FILTER}.json`), block("json", proxy.folder));
    await expect.poll(() => proxy.stat(`${COUNTERS}.config_reload`)).toBe(2);
    expect(await user(proxy)).toBe(second);
  });
});

/** Replaces the content of a mounted ConfigMap as Kubernetes does: by moving a link to a folder. */
function moveMapIn(folder: string, name: string, json: string): void {
  const mount = join(folder, "filters");
  mkdirSync(join(mount, name));
  writeFileSync(join(mount, name, `${FILTER}.json`), json);
  symlinkSync(name, join(mount, "..data_tmp"));
  renameSync(join(mount, "..data_tmp"), join(mount, "..data"));
}
