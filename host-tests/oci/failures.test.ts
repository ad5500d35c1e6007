import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { startDockerRegistry } from "./docker-registry.ts";
import { findOrTell } from "./find-program.ts";
import { meshwright, moduleOf } from "./fixtures.ts";
import { type Listening, listen } from "./listen.ts";
import { temporaryFolder } from "./matrix.ts";
import { startMemoryRegistry } from "./registry.ts";

const folder = temporaryFolder();
const file = join(folder, "dice.wasm");
writeFileSync(file, moduleOf(300_000));
const running: Listening[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

async function started<T extends Listening>(starting: Promise<T>): Promise<T> {
  const each = await starting;
  running.push(each);
  return each;
}

async function push(host: string): Promise<string> {
  const { status, out, err } = await meshwright(["push", file, `oci://${host}/a/b:1`, "--plain-http"]);
  expect({ status, out }).toEqual({ status: 1, out: "" });
  return err;
}

describe("a push fails, and says why, when", () => {
  const program = findOrTell("docker-registry", "how it fails with a full disk is not tested");

  it.runIf(program)("the disk of docker-registry is full", async () => {
    const registry = await started(startDockerRegistry(program ?? "", join(folder, "full"), { largestFile: 65_536 }));
    expect(await push(registry.host)).toContain("the registry failed; look at its log and whether its disk is full");
    const pulled = await meshwright(["pull", `oci://${registry.host}/a/b:1`, "--plain-http"]);
    expect(pulled.err).toContain('has no "1"');
  });

  it.each([
    [500, "the registry failed; look at its log and whether its disk is full"],
    [507, "the registry's disk is full; free space there"],
    [413, "takes no upload of this size; raise its limit"],
    [403, "you have no permission there; ask for it, or run: docker login"],
    [405, "it may be read-only"],
    [404, "there is no such repository or image, or not for you"],
  ])("the registry answers uploads with %i", async (status, reason) => {
    const registry = await started(
      startMemoryRegistry({
        intercept(request, response) {
          if (request.method !== "POST") return false;
          response.writeHead(status, { "content-type": "application/json" });
          response.end('{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{"Err":5}}]}');
          return true;
        },
      }),
    );
    const err = await push(registry.host);
    expect(err).toContain(reason);
    expect(err).toContain(`POST /v2/a/b/blobs/uploads/ answered ${status}: UNKNOWN: unknown error: {"Err":5}`);
    expect(registry.manifests.size).toBe(0);
  });

  it("docker-registry says that its disk is full, which it does with a number", async () => {
    const registry = await started(
      startMemoryRegistry({
        intercept(request, response) {
          if (request.method !== "POST") return false;
          const detail = { DriverName: "filesystem", Enclosed: { Op: "write", Path: "/data/startedat", Err: 28 } };
          response.writeHead(500, { "content-type": "application/json" });
          response.end(JSON.stringify({ errors: [{ code: "UNKNOWN", message: "unknown error", detail }] }));
          return true;
        },
      }),
    );
    expect(await push(registry.host)).toContain("the registry's disk is full; free space there");
  });

  it("something else answers there", async () => {
    const site = await started(listen((_, response) => response.writeHead(404, { "content-type": "text/html" }).end("<h1>Hello</h1>")));
    expect(await push(site.host)).toContain(`${site.host} is no container registry: /v2/ answers 404; check host and port`);
  });

  it("the registry leads elsewhere, and names where", async () => {
    const other = await started(startMemoryRegistry());
    const registry = await started(
      listen((request, response) => response.writeHead(301, { location: `http://${other.host}${request.url}` }).end()),
    );
    expect(await push(registry.host)).toContain(`${registry.host} leads to http://${other.host}; give that as the host`);
    expect(other.manifests.size).toBe(0);
  });

  it("the registry leads to where nobody answers", async () => {
    const registry = await started(
      listen((request, response) => response.writeHead(301, { location: `https://127.0.0.1:2${request.url}` }).end()),
    );
    expect(await push(registry.host)).toContain(`${registry.host} leads to https://127.0.0.1:2; leave --plain-http out`);
  });

  it("something that is not HTTP answers there", async () => {
    const server = createServer(socket => {
      socket.on("error", () => {});
      socket.end("220 mail.example ESMTP\r\n", () => socket.destroy());
    });
    await new Promise<void>(resolve => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as { port: number };
    const err = await push(`127.0.0.1:${port}`);
    await new Promise(resolve => server.close(resolve));
    expect(err).toContain(`127.0.0.1:${port} does not speak HTTP`);
  });

  it("the port is one that fetch refuses", async () => {
    expect(await push("127.0.0.1:6000")).toContain("127.0.0.1:6000 has a port that Node's fetch never opens");
  });

  it("nobody answers there", async () => {
    // Of the ports that fetch opens, one that belongs to no service; a free one might be taken meanwhile.
    const host = "127.0.0.1:2";
    expect(await push(host)).toContain(`${host} cannot be reached (ECONNREFUSED); check host, port and network`);
  });

  it("the registry speaks HTTPS and not plain HTTP", async () => {
    const text = "Client sent an HTTP request to an HTTPS server.\n";
    const registry = await started(listen((_, response) => response.writeHead(400).end(text)));
    expect(await push(registry.host)).toContain(`${registry.host} speaks HTTPS; leave --plain-http out`);
  });

  it("the registry changes the manifest", async () => {
    const registry = await started(
      startMemoryRegistry({
        intercept(request, response) {
          if (request.method !== "PUT" || !request.url?.includes("/manifests/")) return false;
          response.writeHead(201, { "docker-content-digest": `sha256:${"0".repeat(64)}` }).end();
          return true;
        },
      }),
    );
    expect(await push(registry.host)).toContain("the registry stored the manifest as sha256:0000");
  });
});

describe("a push succeeds when", () => {
  it.each([429, 503])("the registry answers its first question with %i once", async status => {
    let first = true;
    const registry = await started(
      startMemoryRegistry({
        intercept(_, response) {
          if (!first) return false;
          first = false;
          response.writeHead(status).end();
          return true;
        },
      }),
    );
    expect(await meshwright(["push", file, `oci://${registry.host}/a/b:1`, "--plain-http"])).toMatchObject({ status: 0 });
  });
});

describe("wrong use ends with status 2:", () => {
  it.each([
    ["no scheme", [file, "127.0.0.1:5000/a/b:1"], "does not start with oci://"],
    ["no tag", [file, "oci://127.0.0.1:5000/a/b"], "neither a tag nor a digest"],
    ["a digest to push to", [file, `oci://127.0.0.1:5000/a/b@sha256:${"0".repeat(64)}`], "must have a tag and no digest"],
    ["an unknown form", [file, "oci://127.0.0.1:5000/a/b:1", "--format", "zip"], "Allowed choices are oci, compat, docker"],
    ["no image", [file], "missing required argument"],
  ])("%s", async (_, args, reason) => {
    const { status, out, err } = await meshwright(["push", ...args]);
    expect({ status, out }).toEqual({ status: 2, out: "" });
    expect(err).toContain(reason);
  });
});

describe("a pull fails, and says why, when", () => {
  it("a layer is damaged", async () => {
    let damaged = false;
    const registry = await started(
      startMemoryRegistry({
        intercept(request, response) {
          if (!damaged || request.method !== "GET" || !request.url?.includes("/blobs/")) return false;
          response.writeHead(200).end("something else");
          return true;
        },
      }),
    );
    expect(await meshwright(["push", file, `oci://${registry.host}/a/b:1`, "--plain-http"])).toMatchObject({ status: 0 });
    damaged = true;
    const { status, err } = await meshwright(["pull", `oci://${registry.host}/a/b:1`, "--plain-http"]);
    expect(status).toBe(1);
    expect(err).toContain("it is damaged, get it again");
  });

  it.each([
    ["null", "null"],
    ["a list", "[]"],
    ["layers that are no list", '{"layers":{}}'],
    ["a layer that is null", '{"layers":[null]}'],
    ["an index of nothing", '{"manifests":[7]}'],
  ])("the manifest is %s", async (_, body) => {
    const mediaType = `application/vnd.oci.image.${body.includes("manifests") ? "index" : "manifest"}.v1+json`;
    const registry = await started(
      listen((request, response) => {
        if (request.url === "/v2/") response.end();
        else response.writeHead(200, { "content-type": mediaType }).end(body);
      }),
    );
    const { status, err } = await meshwright(["inspect", `oci://${registry.host}/a/b:1`, "--plain-http"]);
    expect(status).toBe(1);
    expect(err).toBe(`oci: ${registry.host}/a/b: the manifest is none; push the image again\n`);
  });

  it("its file cannot be written", async () => {
    const registry = await started(startMemoryRegistry());
    await meshwright(["push", file, `oci://${registry.host}/a/b:1`, "--plain-http"]);
    const { status, err } = await meshwright([
      "pull",
      `oci://${registry.host}/a/b:1`,
      "--plain-http",
      "-o",
      join(folder, "no", "such.wasm"),
    ]);
    expect(status).toBe(1);
    expect(err).toContain("cannot be written (ENOENT); give another place with -o");
  });
});

describe("a file that is no module", () => {
  it("is not pushed", async () => {
    const text = join(folder, "text.wasm");
    writeFileSync(text, "hello, world");
    const { status, err } = await meshwright(["push", text, "oci://127.0.0.1:1/a/b:1"]);
    expect(status).toBe(1);
    expect(err).toContain(`${text} is no WebAssembly module: it does not begin with the WebAssembly 1.0 header; give the .wasm`);
  });

  it.each([
    ["a part of one", readFileSync(file).subarray(0, 1000), "the part at offset 14 is longer than what is left"],
    ["a component", Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0), "it does not begin with the WebAssembly 1.0 header"],
  ])("is neither pushed nor packaged: %s", async (_, bytes, reason) => {
    const part = join(folder, "part.wasm");
    writeFileSync(part, bytes);
    for (const args of [
      ["push", part, "oci://127.0.0.1:1/a/b:1"],
      ["package", part, "-o", join(folder, "part")],
    ]) {
      const { status, err } = await meshwright(args);
      expect(status).toBe(1);
      expect(err).toContain(`oci: ${part} is no WebAssembly module: ${reason}`);
    }
    expect(existsSync(join(folder, "part"))).toBe(false);
  });
});
