import { BuildError } from "./errors.ts";
import { functionNames, type Module } from "./module.ts";
import type { Usage } from "./usage.ts";

const REGISTER: Readonly<Record<string, string>> = { http: "registerHttpFilter", tcp: "registerTcpFilter", plugin: "registerPlugin" };

/** Refuses a module with contexts of which none is registered: Envoy would refuse each of its configurations. */
export function refuseUnregistered(module: Module, { compat, sdkPath, classes }: Usage): void {
  // What nobody calls is not compiled.
  if (compat || functionNames(module).includes(`${sdkPath}dispatcher/register`)) return;
  const [found] = classes.filter(({ kind }) => kind === "http" || kind === "tcp").concat(classes);
  if (!found) return;
  const { kind, name } = found;
  const at = name.lastIndexOf("/");
  const file = name.slice(0, at);
  const call = `${REGISTER[kind]}<${name.slice(at + 1)}>("${file
    .replace(/\/index$/, "")
    .split("/")
    .at(-1)}")`;
  throw new BuildError(
    "no-filter",
    `build: the module registers no plugin, and Envoy would refuse it; end ${file}.ts with ${call} or one of its like`,
  );
}
