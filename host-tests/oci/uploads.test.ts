import { afterEach, describe, expect, it } from "vitest";
import { makeImage, parseReference, pushImage, Registry, Session, sourceMapReferrer } from "../../scripts/oci/index.ts";
import { contentOf, moduleOf } from "./fixtures.ts";
import { type MemoryOptions, type MemoryRegistry, startMemoryRegistry } from "./registry.ts";

const running: MemoryRegistry[] = [];
afterEach(async () => {
  for (const each of running.splice(0)) await each.stop();
});

async function connect(options: MemoryOptions = {}): Promise<{ memory: MemoryRegistry; registry: Registry }> {
  const memory = await startMemoryRegistry(options);
  running.push(memory);
  const session = new Session(parseReference(`oci://${memory.host}/a/b:1`), { plainHttp: true, actions: "pull,push" });
  return { memory, registry: new Registry(session, async () => {}) };
}

describe("a push", () => {
  it("asks for each part before it uploads it, in one request each, and writes the tag last", async () => {
    const { memory, registry } = await connect();
    await pushImage(registry, makeImage("compat", contentOf(moduleOf(1000))), "1", [], () => {});
    const methods = memory.log.map(line => line.replace(/sha256:\w+/, "DIGEST").replace(/uploads\/.+/, "uploads/ID"));
    const oneBlob = ["HEAD /v2/a/b/blobs/DIGEST", "POST /v2/a/b/blobs/uploads/", "PUT /v2/a/b/blobs/uploads/ID"];
    const manifest = "PUT /v2/a/b/manifests/DIGEST";
    expect(methods).toEqual([...oneBlob, ...oneBlob, ...oneBlob, manifest, manifest, "PUT /v2/a/b/manifests/1"]);
  });

  it("sends chunks of the size that the registry wants", async () => {
    const { memory, registry } = await connect({ smallestChunk: 5_000_000 });
    const done: number[] = [];
    await pushImage(registry, makeImage("oci", contentOf(moduleOf(12_000_000))), "1", [], ({ descriptor }, bytes) => {
      if (descriptor.size === 12_000_000) done.push(bytes);
    });
    expect(done).toEqual([5_000_000, 10_000_000, 12_000_000, 12_000_000]);
    expect(memory.log.filter(line => line.startsWith("PATCH"))).toHaveLength(1 + 1 + 3);
  });

  it("goes on where the upload is, also when a storage host tells it without its own name", async () => {
    const storage = await startMemoryRegistry({ smallestChunk: 5_000_000 });
    running.push(storage);
    const { memory, registry } = await connect({
      intercept(request, response) {
        if (request.method !== "POST") return false;
        void fetch(`http://${storage.host}${request.url}`, { method: "POST" }).then(({ headers }) => {
          const location = new URL(headers.get("location") ?? "", `http://${storage.host}`).href;
          response.writeHead(202, { location, "oci-chunk-min-length": "5000000" }).end();
        });
        return true;
      },
    });
    const [, , module] = makeImage("oci", contentOf(moduleOf(12_000_000))).blobs;
    if (module) expect(await registry.upload(module, () => {})).toBe("uploaded");
    expect(storage.log.map(line => line.split(" ")[0])).toEqual(["POST", "PATCH", "PATCH", "PATCH", "PUT"]);
    expect(memory.log.map(line => line.split(" ")[0])).toEqual(["HEAD", "POST"]);
  });

  it("begins again when the registry has forgotten the upload", async () => {
    let failing: MemoryRegistry | null = null;
    const { memory, registry } = await connect({
      intercept(request, response) {
        if (!failing || request.method !== "PUT") return false;
        failing.forgetUploads();
        failing = null;
        response.writeHead(503).end();
        return true;
      },
    });
    failing = memory;
    await pushImage(registry, makeImage("oci", contentOf(moduleOf(1000))), "1", [], () => {});
    expect(memory.manifests.has("a/b:1")).toBe(true);
    expect(memory.log.filter(line => line.startsWith("POST"))).toHaveLength(3 + 1);
  });

  it("begins again when the registry drops an upload that it was still ready to go on with", async () => {
    let finishes = 0;
    const { memory, registry } = await connect({
      intercept(request, response) {
        if (request.method !== "PUT" || !request.url?.includes("/uploads/")) return false;
        finishes++;
        if (finishes === 1) response.writeHead(503).end();
        if (finishes === 2) memory.forgetUploads();
        return finishes === 1;
      },
    });
    await pushImage(registry, makeImage("oci", contentOf(moduleOf(1000))), "1", [], () => {});
    expect(memory.manifests.has("a/b:1")).toBe(true);
    expect(memory.log.filter(line => line.startsWith("POST"))).toHaveLength(3 + 1);
  });

  it("sends only what has not arrived of a chunk", async () => {
    const sent: string[] = [];
    let broken = false;
    const { memory, registry } = await connect({
      intercept(request) {
        if (request.method === "PATCH") sent.push(request.headers["content-range"] ?? "");
        if (sent.length !== 2 || broken) return false;
        broken = true;
        let received = 0;
        request.on("data", (chunk: Buffer) => {
          received += chunk.length;
          if (received > 1_000_000) request.destroy();
        });
        return false;
      },
    });
    await pushImage(registry, makeImage("oci", contentOf(moduleOf(9_500_000))), "1", [], () => {});
    expect(memory.manifests.has("a/b:1")).toBe(true);
    const starts = sent.map(range => Number(range.split("-")[0]));
    expect(starts.slice(0, 2)).toEqual([0, 4_194_304]);
    expect(starts[2]).toBeGreaterThanOrEqual(4_194_304 + 1_000_000);
  });

  it("takes an upload for finished whose answer got lost", async () => {
    let lost = false;
    const { memory, registry } = await connect({
      intercept(request, response) {
        if (lost || request.method !== "PUT") return false;
        lost = true;
        response.end = () => response.destroy() as typeof response;
        return false;
      },
    });
    await pushImage(registry, makeImage("oci", contentOf(moduleOf(1000))), "1", [], () => {});
    expect(memory.log.filter(line => line.startsWith("POST"))).toHaveLength(3);
  });

  it.each([[true], [false]])("attaches a source map where the referrers API is there: %s", async hasReferrers => {
    const { memory, registry } = await connect({ hasReferrers });
    const image = makeImage("oci", contentOf(moduleOf(1000)));
    const maps = ["one", "two"].map(text => sourceMapReferrer(new TextEncoder().encode(text), "dice", image.root.descriptor));
    for (const map of maps) await pushImage(registry, image, "1", [map], () => {});
    const found = await registry.referrers(image.root.descriptor, "application/vnd.meshwright.source-map.v1+json");
    expect(found.map(({ digest }) => digest)).toEqual(maps.map(({ manifest }) => manifest.descriptor.digest));
    expect(memory.manifests.has(`a/b:${image.root.descriptor.digest.replace(":", "-")}`)).toBe(!hasReferrers);
  });
});
