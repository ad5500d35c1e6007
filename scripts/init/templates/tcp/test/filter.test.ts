import { createHost } from "meshwright/host";
import { buildFilter } from "meshwright/vitest";
import { expect, it } from "vitest";

const wasm = await buildFilter("assembly/index.ts");

it("counts what the client sends, and passes it on", async () => {
  const host = createHost();
  host.plugin({ name: "my-filter", wasm });
  const connection = host.connect();
  connection.send("hello").send(" you");
  expect(connection.upstream.toString()).toBe("hello you");
  await expect(host).toHaveMetric("my-filter.received_bytes", 9);
  connection.close();
  expect(host).toHaveLogged("closed after 9 bytes", "info");
});

it("does not log when it is told not to", () => {
  const host = createHost();
  host.plugin({ name: "my-filter", wasm, config: { log: false } });
  host.connect().send("hello").close();
  expect(host).not.toHaveLogged("closed");
});

it("refuses a configuration with a wrong type", () => {
  const configure = () => createHost().plugin({ name: "my-filter", wasm, config: { log: "yes" } });
  expect(configure).toThrow('my-filter: log: expected true or false, found string "yes"');
});
