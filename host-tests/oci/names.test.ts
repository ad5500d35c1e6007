import { describe, expect, it } from "vitest";
import { blobOf } from "../../scripts/oci/blob.ts";
import { parseChallenges, realmThatIstioRefuses } from "../../scripts/oci/challenge.ts";
import { line } from "../../scripts/oci/progress-bar.ts";
import { apiHost, apiName, formatReference, parseReference } from "../../scripts/oci/reference.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;

describe("an image reference", () => {
  it.each([
    ["oci://localhost:5000/x:1", { host: "localhost:5000", name: "x", tag: "1", digest: null }],
    ["oci://registry.example/a/b-c/d_e:v1.0", { host: "registry.example", name: "a/b-c/d_e", tag: "v1.0", digest: null }],
    [`oci://[::1]:5000/x@${DIGEST}`, { host: "[::1]:5000", name: "x", tag: null, digest: DIGEST }],
    [`oci://r.example/x:1@${DIGEST}`, { host: "r.example", name: "x", tag: "1", digest: DIGEST }],
  ])("is read: %s", (text, reference) => {
    expect(parseReference(text)).toEqual(reference);
    expect(formatReference(parseReference(text))).toBe(text);
  });

  it.each([
    ["localhost:5000/x:1", "does not start with oci://"],
    ["https://localhost/x:1", "does not start with oci://"],
    ["oci://localhost:5000", "names no repository"],
    ["oci://r.example/X:1", '"X" is no repository'],
    ["oci://r.example/../x:1", "is no repository"],
    ["oci://user@host/x:1", "names no repository"],
    ["oci://r.example/x", "neither a tag nor a digest"],
    ["oci://r.example/x:", '"" is no tag'],
    ["oci://r.example/x@sha256:12", "is no digest"],
    ["oci://r.example/x:1:2", '"1:2" is no tag'],
    [`oci://r.example/x@${DIGEST}@${DIGEST}`, "is no digest"],
    ["oci://r.example:99999/x:1", '"r.example:99999" is no host'],
    ["oci://999.1.1.1/x:1", '"999.1.1.1" is no host'],
    ["oci://registry/filters/x:1", 'Istio takes "registry", without a dot or a port, for a folder of Docker Hub'],
    ["oci://localhost/x:1", "write oci://localhost:443/x:1"],
  ])("is refused: %s", (text, reason) => {
    expect(() => parseReference(text)).toThrow(reason);
  });

  it("of Docker Hub leads to where its API is", () => {
    const reference = parseReference("oci://docker.io/envoy:1");
    expect([apiHost(reference.host), apiName(reference)]).toEqual(["registry-1.docker.io", "library/envoy"]);
    expect(apiName(parseReference("oci://docker.io/mesh/envoy:1"))).toBe("mesh/envoy");
  });
});

describe("a challenge", () => {
  it.each([
    [
      'Bearer realm="https://a.example/token",service="r, s",scope="repository:a/b:pull,push"',
      [{ scheme: "bearer", parameters: { realm: "https://a.example/token", service: "r, s", scope: "repository:a/b:pull,push" } }],
    ],
    ["Basic realm=Registry", [{ scheme: "basic", parameters: { realm: "Registry" } }]],
    [
      'Negotiate, Basic realm="a \\"b\\"", charset="UTF-8"',
      [
        { scheme: "negotiate", parameters: {} },
        { scheme: "basic", parameters: { realm: 'a "b"', charset: "UTF-8" } },
      ],
    ],
    ["", []],
  ])("is read: %s", (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });

  it.each([
    ['Basic realm="Registry Realm"', 'its realm "Registry Realm" is no http or https URL'],
    ["Basic realm=Registry", null],
    ['Bearer realm="https://auth.example/token"', null],
    ['Bearer realm="file:///etc/passwd"', 'its realm "file:///etc/passwd" is no http or https URL'],
    ...["localhost", "127.0.0.1:5001", "10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "[::1]", "[fd00::1]", "[fe80::1]"].map(
      (host): [string, string] => [`Bearer realm="http://${host}/token"`, `its realm "http://${host}/token" is on an internal address`],
    ),
    ['Bearer realm="https://172.32.0.1/token"', null],
  ])("is judged as Istio does: %s", (header, problem) => {
    expect(realmThatIstioRefuses(header)).toBe(problem);
  });
});

describe("the progress bar", () => {
  it("shows how much of what has arrived", () => {
    const blob = blobOf("a/b", new Uint8Array(4_000_000));
    expect(line(blob, 2_000_000)).toBe(`${blob.descriptor.digest.slice(0, 19)} ############------------  50 %  4.0 MB`);
    expect(line(blobOf("a/b", new Uint8Array()), 0)).toContain("100 %");
  });
});
