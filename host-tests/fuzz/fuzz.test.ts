import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { buildModule } from "../../scripts/build/index.ts";
import { createHost } from "../host/index.ts";
import { check, expectNoTrap, fieldValue, type Header, mutated } from "./inputs.ts";

const fieldOf = (name: string, valid: readonly string[]): fc.Arbitrary<Header> =>
  fc.oneof(mutated(valid), fieldValue).map(value => [name, value] as Header);

/** As a value of baggage. */
function percentEncoded(text: string): string {
  const plain = /[\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]/;
  const encode = (byte: number) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
  return [...Buffer.from(text)].map(byte => (plain.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : encode(byte))).join("");
}

let target = "";
beforeAll(async () => {
  target = (await buildModule("host-tests/fuzz/assembly/target.ts", { outFile: "build/fixtures/fuzz-target.wasm" })).wasmFile;
});

describe("whatever comes from the network", () => {
  it("header pairs keep every byte through the SDK", () => {
    const host = createHost({ traceLimit: 0 });
    host.plugin({ wasm: target, rootId: "round-trip" });
    const header = fc.tuple(fc.constantFrom("x-fuzz-a", "x-fuzz-b", "x-fuzz-property", "X-Fuzz-C"), fieldValue) as fc.Arbitrary<Header>;
    check(fc.array(header, { maxLength: 12 }), headers => {
      const { upstream } = host.request({ headers });
      const sorted = (pairs: readonly Header[]) =>
        pairs.filter(([name]) => /^x-fuzz/i.test(name)).map(([name, value], i) => [name.toLowerCase(), i, value] as const);
      const byName = (pairs: readonly Header[]) =>
        sorted(pairs)
          .sort((a, b) => a[0].localeCompare(b[0]) || a[1] - b[1])
          .map(([name, , value]) => [name, value]);
      expect(byName(upstream?.headers ?? [])).toEqual(byName(headers));
      const property = headers.find(([name]) => name === "x-fuzz-property")?.[1];
      expect(upstream?.headers.find(([name]) => name === "x-back")?.[1]).toBe(property);
    });
    expectNoTrap(host);
  });

  it("traceparent, tracestate and baggage leave as valid ones or not at all", () => {
    const host = createHost({ traceLimit: 0 });
    host.plugin({ wasm: "build/trace-context.wasm", rootId: "trace-context", config: { parent_id: "renew", expose: ["trace_id"] } });
    const parent = fieldOf("traceparent", [
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-ff-x",
    ]);
    const state = fieldOf("tracestate", [
      "a=1,b=2",
      "foo@bar=baz , rojo=00f067aa0ba902b7",
      Array.from({ length: 32 }, (_, i) => `k${i}=v`).join(","),
    ]);
    const baggage = fieldOf("baggage", ["a=1;p=2,b=%20", "user.id=u42,tenant.id=acme"]);
    const headers = fc
      .tuple(fc.array(parent, { maxLength: 2 }), fc.array(state, { maxLength: 3 }), fc.array(baggage, { maxLength: 3 }))
      .map(groups => groups.flat());
    check(headers, sent => {
      const { upstream } = host.request({ headers: sent });
      const values = (name: string) => (upstream?.headers ?? []).filter(([key]) => key === name).map(([, value]) => value);
      expect(values("traceparent")).toEqual([expect.stringMatching(/^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/)]);
      const states = values("tracestate");
      expect(states.length).toBeLessThanOrEqual(1);
      const members = states
        .flatMap(text => text.split(","))
        .map(text => text.replace(/^[ \t]+|[ \t]+$/g, ""))
        .filter(text => text !== "");
      expect(members.length).toBeLessThanOrEqual(32);
      for (const member of members)
        expect(member).toMatch(/^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/);
      const bags = values("baggage");
      expect(bags.length).toBeLessThanOrEqual(1);
      for (const text of bags) expect(text).toMatch(/^[\x20-\x7e\t]+$/);
    });
    expectNoTrap(host);
  });

  it("span attributes are clean text of at most max_length bytes", () => {
    const host = createHost({ traceLimit: 0 });
    const attributes = [{ name: "user.id", header: "x-user-id", default: "anonymous" }];
    host.plugin({
      wasm: "build/span-attributes.wasm",
      rootId: "span-attributes",
      config: { attributes, max_length: 16, to: ["request_header", "baggage"] },
    });
    check(
      fc.array(fieldOf("x-user-id", ["u42", "caf\xc3\xa9", "\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0\x9f\x98\x80\xf0"]), {
        maxLength: 2,
      }),
      sent => {
        const { upstream } = host.request({ headers: [...sent, ["x-span-user-id", "forged"], ["baggage", "user.id=forged"]] });
        const all = upstream?.headers ?? [];
        const [bag = "", ...moreBags] = all.filter(([name]) => name === "baggage").map(([, field]) => field);
        expect(moreBags).toEqual([]);
        const text = decodeURIComponent(bag.replace("user.id=", ""));
        expect(bag).toBe(`user.id=${percentEncoded(text)}`);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(16);
        expect(text).toMatch(/^\P{Cc}+$/u);
        const whole = new TextDecoder().decode(Buffer.from(sent[0]?.[1] || "anonymous", "latin1"));
        expect(whole.replace(/\p{Cc}/gu, "\ufffd").startsWith(text)).toBe(true);
        // A value that was cut behind a blank loses that blank on the wire; in baggage it is encoded and stays.
        const onWire = Buffer.from(text.replace(/^ +| +$/g, "")).toString("latin1");
        expect(all.filter(([name]) => name === "x-span-user-id")).toEqual([["x-span-user-id", onWire]]);
      },
    );
    expectNoTrap(host);
  });
});

describe("whatever an operator writes", () => {
  /** What a fresh plugin context made of a configuration. */
  function read(config: string): { error: string; json: string; raw: string } {
    const host = createHost({ traceLimit: 0 });
    host.plugin({ wasm: target, rootId: "json", vmId: "fuzz", config });
    expectNoTrap(host);
    const text = (key: string) => Buffer.from(host.sharedData.get("fuzz", key)?.value ?? "", "latin1").toString();
    return { error: text("error"), json: text("json"), raw: text("raw") };
  }

  it("valid JSON is understood to the last character", () => {
    check(fc.jsonValue({ maxDepth: 5 }), value => {
      const { error, json } = read(JSON.stringify(value));
      expect(error).toBe("");
      // Objects and arrays of the same content; -0 has no spelling of its own in JSON.
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify(value)));
    });
  });

  it("what JSON.parse refuses is refused with a line and a column, and nothing else is", () => {
    const documents = ['{"a":[1,2.5e3,"x\\u00e9\\n",true,null]}', "[]", '"text"', "-0.1E+2", '{"custom_attributes":{"app.version":"v1"}}'];
    check(mutated(documents), latin1 => {
      const text = Buffer.from(latin1, "latin1").toString();
      const { error, raw } = read(text);
      expect(raw).toBe(error === "" ? text : "null");
      if (/line \d+, column \d+: expected each key once/.test(error)) return;
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      if (valid) expect(error).toBe("");
      else expect(error).toMatch(/^line \d+, column \d+: expected .+, found /);
    });
  });

  it.each(["span-attributes", "trace-context", "mesh-telemetry"])("%s accepts or refuses any configuration, and never traps", name => {
    const key = fc.constantFrom(
      "span_attributes",
      "trace_context",
      "attributes",
      "custom_attributes",
      "name",
      "header",
      "env",
      "node",
      "default",
      "to",
      "max_length",
      "parent_id",
      "trust",
      "expose",
      "x",
    );
    const leaf = fc.oneof(
      fc.constantFrom("filter_state", "baggage", "renew", "none", "user.id", "", "é"),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.double(),
    );
    const { tree } = fc.letrec(tie => ({
      tree: fc.oneof({ maxDepth: 4 }, leaf, fc.array(tie("tree"), { maxLength: 3 }), fc.dictionary(key, tie("tree"), { maxKeys: 4 })),
    }));
    check(tree, config => {
      const host = createHost({ traceLimit: 0 });
      try {
        host.plugin({ wasm: `build/${name}.wasm`, rootId: name, config: JSON.stringify(config) });
      } catch {
        // Refused, then: with a line that begins with the filter's name.
        expect(host.log.entries.some(entry => entry.text.includes(`${name}: `))).toBe(true);
      }
      expect(host.log.entries.filter(entry => /abort|trap|unreachable/i.test(entry.text))).toEqual([]);
    });
  });
});
