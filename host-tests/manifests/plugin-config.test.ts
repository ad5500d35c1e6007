import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readIdentity } from "../../scripts/build/index.ts";
import { checkPluginConfig, formatProblem } from "../../scripts/manifests/index.ts";

const problems = (schema: unknown, config: unknown): string[] => checkPluginConfig(schema, config).map(formatProblem);
const ofModule = (filter: string): unknown => readIdentity(readFileSync(`build/${filter}.wasm`))?.configSchema;

it("a configuration that fits has no problems", () => {
  const attributes = [{ name: "user.id", header: "x-user-id", default: "anonymous" }];
  expect(problems(ofModule("span-attributes"), { attributes, to: ["baggage"] })).toEqual([]);
  expect(problems(ofModule("mesh-telemetry"), { span_attributes: { attributes }, trace_context: { trust: "none" } })).toEqual([]);
});

it.each([
  ["text", 'the configuration: expected an object, found "text"'],
  [
    { attribute: [] },
    "attribute: expected one of the keys custom_attributes, attributes, to, when, constants, state_prefix, request_header_prefix, max_length, found an unknown key",
  ],
  [{ attributes: [{ header: "x" }] }, "attributes[0].name: expected a string that matches ^[A-Za-z0-9._-]{1,128}$, found nothing"],
  [{ attributes: [{ name: "a" }] }, 'attributes[0]: expected exactly one of the keys header, env, node, value, found {"name":"a"}'],
  [{ custom_attributes: { a: null } }, "custom_attributes.a: expected a string that is not empty or a number or true or false, found null"],
  [{ custom_attributes: { "a b": 1 } }, 'custom_attributes.a b: expected a key that matches ^[A-Za-z0-9._-]{1,128}$, found "a b"'],
  [{ to: ["span"] }, 'to[0]: expected one of "filter_state", "request_header", "baggage", found "span"'],
  [{ to: [] }, "to: expected a list that is not empty, found []"],
  [{ max_length: 1.5 }, "max_length: expected a whole number from 1 and up to 4096, found 1.5"],
])("%j: path, what was expected, what was found", (config, problem) => {
  expect(problems(ofModule("span-attributes"), config)).toEqual([problem]);
});

it("schemas of users may be of draft 7, and have keywords of their own", () => {
  const schema = { $schema: "http://json-schema.org/draft-07/schema#", properties: { n: { type: "number", "x-editor": 1 } } };
  expect(problems(schema, { n: "1" })).toEqual(['n: expected a number, found "1"']);
  expect(() => problems({ type: "text" }, {})).toThrow(/JSON Schema is not usable/);
});
