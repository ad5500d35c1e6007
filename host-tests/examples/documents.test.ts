import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { describeEnvoy } from "../envoy/vitest.ts";

/** Examples that are filters; others are programs. */
const NAMES = readdirSync("examples").filter(name => existsSync(join("examples", name, "assembly")));

const read = (name: string, file: string): string => readFileSync(join("examples", name, file), "utf8");

describe("the README of an example", () => {
  it.each(NAMES)("%s: expected behaviour is what its tests are called", name => {
    const [, section = ""] = read(name, "README.md").split("## Expected behaviour");
    const rows = [...section.matchAll(/^\| (?!behaviour|-)(.+?) +\|$/gm)].map(match => match[1] ?? "");
    const tests = [...read(name, `${name}.test.ts`).matchAll(/\bit(?:\.each\([\s\S]*?\]\))?\("([^"]+?)(?:: %j)?"/g)].map(
      match => match[1] ?? "",
    );
    expect(rows).toEqual([...new Set(tests)]);
  });
});

describeEnvoy("the envoy.yaml of an example", {}, envoy => {
  it.each(NAMES)("%s: Envoy starts with it", async name => {
    const ports = [...read(name, "envoy.yaml").matchAll(LISTENER)].length;
    const proxy = await envoy.start({
      listeners: ports,
      config: place => {
        let listeners = 0;
        const text = read(name, "envoy.yaml")
          .replace(LISTENER, () => `      address: { socket_address: ${address(place.listenAddress, place.listenerPort(listeners++))} }`)
          .replace(/filename: (build\/[\w-]+\.wasm)/, (_, file: string) => `filename: ${place.file(join("examples", name, file))}`);
        return `${text}admin: { address: { socket_address: ${address(place.listenAddress, place.adminPort)} } }\n`;
      },
    });
    expect(proxy.listeners).toContain("in");
  });
});

/** Where a listener opens its port, and not where a cluster has its endpoints. */
const LISTENER = /^ {6}address: \{ socket_address: .*$/gm;

const address = (host: string, port: number): string => `{ address: ${JSON.stringify(host)}, port_value: ${port} }`;
