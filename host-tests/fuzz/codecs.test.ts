import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { buildModule } from "../../scripts/build/index.ts";
import { createHost, type Host } from "../host/index.ts";
import { check, expectNoTrap, fieldValue, mutated } from "./inputs.ts";

/** What Node and the URL Standard make of the same bytes: latin1 in and out, null where it is malformed or absent. */
const expected = {
  base64: (text: string) => (Buffer.from(text, "base64").toString("base64") === text ? fromBase64(text) : null),
  base64url(text: string) {
    const bare = text.replace(/={1,2}$/, "");
    if (bare !== text && text.length % 4 !== 0) return null;
    return Buffer.from(bare, "base64url").toString("base64url") === bare ? fromBase64(bare) : null;
  },
  hex: (text: string) => (/^([0-9a-f]{2})*$/i.test(text) ? Buffer.from(text, "hex").toString("latin1") : null),
  percent: (text: string) => (/^([^%]|%[0-9a-f]{2})*$/is.test(text) ? text.replace(/%(..)/g, (_, digits: string) => byteOf(digits)) : null),
  percentEncoded: (text: string) =>
    text.replace(/[^A-Za-z0-9._~-]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`),
  /** Text, not bytes. */
  parameter: (path: string) => new URLSearchParams(path.slice(path.indexOf("?"))).get("a b"),
  bearer: (field: string) => /^bearer [ \t]*([\x21-\x7e]+)$/i.exec(field)?.[1] ?? null,
  basic(field: string): readonly [user: string | null, password: string | null] {
    const pair = expected.base64(/^basic [ \t]*([^ \t].*)$/is.exec(field)?.[1] ?? "?") ?? "";
    const parts = /^([^:]*):(.*)$/s.exec(pair);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what RFC 7617 forbids.
    return parts === null || /[\0-\x1f\x7f]/.test(pair) ? [null, null] : [parts[1] ?? "", parts[2] ?? ""];
  },
  cookie(fields: readonly string[]) {
    const pairs = fields.flatMap(field => field.split(";")).map(pair => /^ *([^=]*)=(.*?) *$/s.exec(pair));
    const value = pairs.find(pair => pair?.[1] === "name")?.[2];
    return value === undefined ? null : value.replace(/^"(.*)"$/s, "$1");
  },
};

const fromBase64 = (text: string): string => Buffer.from(text, "base64").toString("latin1");
const byteOf = (digits: string): string => String.fromCharCode(Number.parseInt(digits, 16));

/** What the host got of a header that tells bytes, as latin1. */
function told(upstream: { headers: readonly (readonly [string, string])[] } | null | undefined, name: string): string | null {
  const value = upstream?.headers.find(([key]) => key === name)?.[1] ?? "";
  return value === "absent" ? null : Buffer.from(value, "hex").toString("latin1");
}

let target = "";
beforeAll(async () => {
  target = (await buildModule("host-tests/fuzz/assembly/codecs.ts", { outFile: "build/fixtures/fuzz-codecs.wasm" })).wasmFile;
});

function started(rootId: string): Host {
  const host = createHost({ traceLimit: 0 });
  host.plugin({ wasm: target, rootId });
  return host;
}

describe("what comes encoded", () => {
  const encoded = fc.oneof(
    mutated(["Zm9vYmFy", "Zm9vYg==", "Zm9vYmE=", "-_8", "_-8=", "+/8=", "", "QQ", "QUI"]),
    mutated(["00ff", "0123456789abcdefABCDEF"]),
    mutated(["a%20b%C3%A9+c", "%25%2B", "100%"]),
    fieldValue,
  );

  it("is read as Node reads it, or malformed", () => {
    const host = started("codecs");
    check(encoded, input => {
      const { upstream } = host.request({ headers: [["x-input", input]] });
      expect(told(upstream, "x-base64-decode")).toBe(expected.base64(input));
      expect(told(upstream, "x-base64url-decode")).toBe(expected.base64url(input));
      expect(told(upstream, "x-hex-decode")).toBe(expected.hex(input));
      expect(told(upstream, "x-percent-decode")).toBe(expected.percent(input));
    });
    expectNoTrap(host);
  });

  it("is written and signed as Node does it", () => {
    const host = started("codecs");
    check(fc.tuple(fieldValue, fc.nat(200)), ([part, times]) => {
      const input = part.repeat(times).slice(0, 4000).trim();
      const bytes = Buffer.from(input, "latin1");
      const { upstream } = host.request({ path: "/key", headers: [["x-input", input]] });
      expect(told(upstream, "x-base64-encode")).toBe(bytes.toString("base64"));
      expect(told(upstream, "x-base64url-encode")).toBe(bytes.toString("base64url"));
      expect(told(upstream, "x-percent-encode")).toBe(expected.percentEncoded(input));
      expect(told(upstream, "x-sha256")).toBe(createHash("sha256").update(bytes).digest().toString("latin1"));
      expect(told(upstream, "x-hmac")).toBe(createHmac("sha256", "/key").update(bytes).digest().toString("latin1"));
    });
    expectNoTrap(host);
  });
});

describe("parts of a request", () => {
  it("has the parameters of a query that the URL Standard sees", () => {
    const host = started("codecs");
    const piece = fc.constantFrom("a+b", "a%20b", "%61%20b", "a b", "=", "&", "?", "%", "%4", "%C3%A9", "%FF", "+", "x");
    check(fc.array(piece, { maxLength: 12 }), pieces => {
      const path = `/p?${pieces.join("").replaceAll(" ", "+")}`;
      const { upstream } = host.request({ path });
      const value = told(upstream, "x-parameter");
      expect(value === null ? null : new TextDecoder().decode(Buffer.from(value, "latin1"))).toBe(expected.parameter(path));
      expect(told(upstream, "x-path")).toBe("/p");
      expect(told(upstream, "x-query")).toBe(path.slice(3));
    });
    expectNoTrap(host);
  });

  it("has the cookie of a name, in whichever field it is", () => {
    const host = started("codecs");
    const fields = fc.array(fc.oneof(mutated(["name=v", 'a=1; name="v w"; name=2', "name=; b=name=3", "xname=1;name=="]), fieldValue), {
      maxLength: 3,
    });
    check(fields, values => {
      const { upstream } = host.request({ headers: values.map(value => ["cookie", value] as const) });
      expect(told(upstream, "x-cookie")).toBe(expected.cookie(values));
    });
    expectNoTrap(host);
  });

  it("has credentials or none", () => {
    const host = started("codecs");
    const field = fc.oneof(
      mutated(["Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "basic   Ojo=", "Basic AAA6", "Bearer a.b-c", "BEARER  x"]),
      fieldValue,
    );
    check(field, value => {
      const { upstream } = host.request({ headers: [["authorization", value]] });
      expect([told(upstream, "x-user"), told(upstream, "x-password")]).toEqual(expected.basic(value));
      expect(told(upstream, "x-bearer")).toBe(expected.bearer(value));
    });
    expectNoTrap(host);
  });
});

describe("JSON that a filter writes", () => {
  it("says what the values were, whatever bytes and numbers they are", () => {
    const host = started("written");
    const word = fc.oneof(
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      fc.double().map(value => new Uint8Array(new Float64Array([value]).buffer)),
      fc.constantFrom('"\\/\b\n\u0001\u001f', "\u2028\u2029é", "😀\u007f abc").map(text => new TextEncoder().encode(text)),
    );
    check(fc.array(word, { minLength: 1, maxLength: 6 }), words => {
      const body = Buffer.concat(words);
      const whole = body.subarray(0, body.length & ~7);
      const { upstream } = host.request({ method: "POST", body });
      const text = Buffer.from(upstream?.body ?? "", "latin1").toString();
      const json = JSON.parse(text);
      const decoded = new TextDecoder("utf-8", { ignoreBOM: true }).decode(body);
      expect(json.view).toBe(decoded);
      // Node, too, writes U+FFFD for a lone surrogate.
      expect(json.text).toBe(Buffer.from(whole.toString("utf16le")).toString());
      const offsets = Array.from({ length: whole.length / 8 }, (_, i) => i * 8);
      const numbers = offsets.map(at => whole.readDoubleLE(at));
      // JSON.stringify has no -0 either.
      expect(json.numbers).toEqual(numbers.map(value => (Number.isFinite(value) ? value + 0 : null)));
      const integers = offsets.flatMap(at => [whole.readBigInt64LE(at), whole.readBigUInt64LE(at)]);
      expect(text).toContain(`"integers":[${integers.join(",")}],`);
      expect(Object.keys(json)).toContain(decoded);
    });
    expectNoTrap(host);
  });
});
