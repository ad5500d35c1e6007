import { writeFileSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { findWatched, type LiveEvent, liveLines, type RequestReport, startLive, startSession } from "../../scripts/run/index.ts";
import { type EnvoyResponse, request } from "../envoy/index.ts";
import { buildVersioned, nameOf, withCode } from "./modules.ts";

/** The newest of the versions that the project tests. */
const envoyVersion = "1.40.0";

const ask = (url: string, headers: [string, string][] = []): Promise<EnvoyResponse> => {
  const { hostname: host, port } = new URL(url);
  return request({ host, port: Number(port) }, { headers });
};

/** At once: a watch of this process then never reads half a file, however loaded the machine is. */
const save = async (file: string, content: string | Uint8Array): Promise<void> => writeFileSync(file, content);

/** A folder with a copy of `assembly/versioned.ts` as a project of a user. */
async function project(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "meshwright-live-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "node_modules"));
  await mkdir(join(folder, "assembly"));
  await symlink(resolve("."), join(folder, "node_modules", "meshwright"));
  await writeFile(join(folder, "package.json"), JSON.stringify({ name: "versioned", version: "1.0.0" }));
  const source = await readFile("host-tests/reload/assembly/versioned.ts", "utf8");
  await writeFile(join(folder, "assembly", "index.ts"), source.replace('"../../../assembly/index"', '"meshwright/assembly"'));
  return folder;
}

/** A live session, and its events in their order. */
async function live(asked: string, folder: string, config: string) {
  const events: LiveEvent[] = [];
  const waiting: (() => void)[] = [];
  const running = await startLive({
    watched: findWatched(asked, [folder], true),
    config,
    envoyVersion,
    onRequest: () => {},
    onFilterLine: () => {},
    onEvent: event => {
      events.push(event);
      for (const wake of waiting.splice(0)) wake();
    },
  });
  onTestFinished(() => running.stop());
  /** What comes after `change`. */
  const eventAfter = async (change: () => Promise<unknown>): Promise<LiveEvent> => {
    const next = events.length;
    await change();
    while (events.length === next) await new Promise<void>(resolve => waiting.push(resolve));
    return events[next] as LiveEvent;
  };
  while (events.length === 0) await new Promise<void>(resolve => waiting.push(resolve));
  return { first: events[0] as LiveEvent, eventAfter };
}

describe("meshwright run --watch", () => {
  it("builds on save, reloads code and configuration in the running Envoy, and survives every mistake", async () => {
    const folder = await project();
    const source = join(folder, "assembly", "index.ts");
    const config = join(folder, "config.json");
    const text = await readFile(source, "utf8");
    await writeFile(config, '{"version": "0"}');
    const { first, eventAfter } = await live("versioned", folder, config);
    if (first.kind !== "started") throw new Error(`not started: ${JSON.stringify(first)}`);
    const { url } = first.session;
    const answers = async (): Promise<string | null> => (await ask(url)).header("x-response");
    expect(await answers()).toBe(nameOf({ code: 0, config: 0 }));

    const code = await eventAfter(() => save(source, text.replace("code-0000", "code-0001")));
    expect(code).toMatchObject({ kind: "reload", what: "code", buildMs: expect.any(Number), reload: { accepted: true } });
    expect(await answers()).toBe(nameOf({ code: 1, config: 0 }));

    const configuration = await eventAfter(() => save(config, '{"version": "1"}'));
    expect(configuration).toMatchObject({ kind: "reload", what: "configuration", reload: { accepted: true, unchanged: false } });
    expect(await answers()).toBe(nameOf({ code: 1, config: 1 }));

    const refused = await eventAfter(() => save(config, '{"versoin": "2"}'));
    expect(refused).toMatchObject({ kind: "reload", what: "configuration", reload: { accepted: false } });
    expect(liveLines(refused).join("\n")).toContain("versoin: unknown key; expected one of version, trap");
    expect(await eventAfter(() => save(config, '{"version": '))).toMatchObject({ kind: "failed", what: "configuration" });
    const broken = await eventAfter(() => save(source, text.replace("this.readConfig", "this.reedConfig")));
    expect(broken).toMatchObject({ kind: "failed", what: "build", error: { message: expect.stringContaining("reedConfig") } });
    expect(await answers()).toBe(nameOf({ code: 1, config: 1 }));

    const again = await eventAfter(() => save(config, '{"version": "2"}'));
    expect(again).toMatchObject({ kind: "reload", what: "configuration", reload: { accepted: true } });
    const mended = await eventAfter(() => save(source, text.replace("code-0000", "code-0002")));
    expect(mended).toMatchObject({ kind: "reload", what: "code", reload: { accepted: true } });
    expect(await answers()).toBe(nameOf({ code: 2, config: 2 }));
  });

  it("reloads a module that somebody else builds, and starts with one that Envoy refuses", async () => {
    const folder = await mkdtemp(join(tmpdir(), "meshwright-live-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const file = join(folder, "versioned.wasm");
    await cp(await buildVersioned(), file);
    const config = join(folder, "config.json");
    await writeFile(config, "{}");
    const { first, eventAfter } = await live(file, folder, config);
    if (first.kind !== "started") throw new Error(`not started: ${JSON.stringify(first)}`);
    const { url, refused } = first.session;
    expect(refused?.join("\n")).toContain("version: expected a non-empty string, found nothing");
    expect((await ask(url)).status).toBe(500);

    await eventAfter(() => save(config, '{"version": "1"}'));
    expect((await ask(url)).header("x-response")).toBe(nameOf({ code: 0, config: 1 }));
    const wasm = await withCode(file, 1);
    await eventAfter(() => save(file, wasm));
    expect((await ask(url)).header("x-response")).toBe(nameOf({ code: 1, config: 1 }));
    expect(await eventAfter(() => save(file, "not a module"))).toMatchObject({
      kind: "reload",
      what: "code",
      reload: { accepted: false },
    });
    expect((await ask(url)).header("x-response")).toBe(nameOf({ code: 1, config: 1 }));
  });
});

describe("a reloadable session", () => {
  it("puts the attributes of the new configuration on spans, at the same address", async () => {
    const reports: RequestReport[] = [];
    const session = await startSession({
      module: { file: "build/mesh-telemetry.wasm", name: "mesh-telemetry" },
      config: spans("user.id", "x-user-id"),
      envoyVersion,
      reloadable: true,
      spanPatienceMs: 60_000,
      onRequest: report => reports.push(report),
      onFilterLine: () => {},
    });
    onTestFinished(() => session.stop());
    const attributes = async (): Promise<Record<string, unknown>> => {
      const before = reports.length;
      await ask(session.url, [
        ["x-user-id", "u42"],
        ["x-tenant-id", "acme"],
      ]);
      await expect.poll(() => reports.length).toBeGreaterThan(before);
      return reports.at(-1)?.spans[0]?.attributes ?? {};
    };
    expect(await attributes()).toMatchObject({ "user.id": "u42" });
    const same = await session.reload({ config: spans("user.id", "x-user-id") });
    expect(same).toMatchObject({ accepted: true, unchanged: true });
    expect(await session.reload({ config: spans("tenant.id", "x-tenant-id") })).toMatchObject({ accepted: true, unchanged: false });
    await expect.poll(attributes).toMatchObject({ "tenant.id": "acme" });
    expect(await attributes()).not.toHaveProperty("user.id");

    const wrong = await session.reload({ config: { span_attributes: 7 } });
    expect(wrong).toMatchObject({ accepted: false, unchanged: false });
    expect(wrong.reasons.join("\n")).toContain("span_attributes");
    expect(await session.reload({ config: { span_attributes: 7 } })).toMatchObject({ accepted: false, unchanged: true });
    expect(await attributes()).toMatchObject({ "tenant.id": "acme" });
  });
});

function spans(name: string, header: string): object {
  return { span_attributes: { attributes: [{ name, header }] } };
}
