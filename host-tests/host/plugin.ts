import { createHash } from "node:crypto";
import { type ByteString, fromBytes, utf8 } from "./bytes.ts";
import type { LoadedModule } from "./module.ts";
import type { EnvoyDifferences } from "./versions.ts";

/** What happens to streams when the module has trapped. */
export type FailurePolicy = "closed" | "open" | "reload";

/** A plugin's configuration, as in Envoy's PluginConfig. */
export interface PluginOptions {
  /** Path of the module, or its bytes. */
  wasm: string | Uint8Array;
  /** The root id by default, else "plugin". */
  name?: string;
  /** The name by default. */
  rootId?: string;
  /** Plugins with the same vmId, module, vmConfig and env share a VM; "" by default. */
  vmId?: string;
  /** Bytes, text, or an object that becomes JSON; absent: no bytes. */
  vmConfig?: unknown;
  config?: unknown;
  /** Environment of the VM. */
  env?: Record<string, string>;
  /** "closed" by default, as in Envoy. */
  failurePolicy?: FailurePolicy;
  /** Names of hostcalls, callbacks and WASI functions that the module may use; all of them by default. */
  capabilities?: readonly string[];
  /** Envoy's allow_on_headers_stop_iteration: StopIteration of a headers callback lets the body go on. */
  allowOnHeadersStopIteration?: boolean;
  /** The listener's traffic direction, a property of streams; "inbound" by default. */
  direction?: "inbound" | "outbound";
}

/** One configured plugin; immutable. Its key says which plugin contexts in a VM are the same. */
export class PluginSettings {
  readonly name: string;
  readonly rootId: string;
  readonly vmId: string;
  readonly vmConfiguration: ByteString;
  readonly configuration: ByteString;
  readonly env: ReadonlyMap<string, string>;
  readonly failurePolicy: FailurePolicy;
  readonly capabilities: ReadonlySet<string>;
  readonly allowOnHeadersStopIteration: boolean;
  readonly direction: "inbound" | "outbound";
  readonly module: LoadedModule;
  readonly options: PluginOptions;
  readonly vmKey: string;
  readonly key: string;

  constructor(options: PluginOptions, module: LoadedModule, envoy: EnvoyDifferences) {
    this.options = options;
    this.module = module;
    this.name = options.name ?? options.rootId ?? "plugin";
    this.rootId = options.rootId ?? options.name ?? "";
    this.vmId = options.vmId ?? "";
    this.vmConfiguration = configurationBytes(options.vmConfig);
    this.configuration = configurationBytes(options.config);
    this.env = new Map(Object.entries(options.env ?? {}));
    this.failurePolicy = options.failurePolicy ?? "closed";
    this.capabilities = new Set(options.capabilities ?? []);
    this.allowOnHeadersStopIteration = options.allowOnHeadersStopIteration ?? false;
    this.direction = options.direction ?? "inbound";
    const env = envoy.keysVmsByEnvironment ? [...this.env].map(pair => pair.join("=")).sort() : [];
    this.vmKey = digest(this.vmId, this.vmConfiguration, module.digest, ...env);
    this.key = digest(this.rootId, this.configuration, this.name, this.direction);
  }

  /** What Envoy writes before a line that a stream logs. */
  get streamPrefix(): string {
    return [this.name, this.rootId, this.vmId].map(part => (part === "" ? "" : ` ${part}`)).join("");
  }

  /** What Envoy writes before a line that the plugin context logs. */
  get rootPrefix(): string {
    return [this.rootId, this.vmId].map(part => (part === "" ? "" : ` ${part}`)).join("");
  }
}

/** Envoy's forms of a configuration: a StringValue, a BytesValue, or a Struct, which the module gets as JSON. */
function configurationBytes(config: unknown): ByteString {
  if (config === undefined) return "";
  if (config instanceof Uint8Array) return fromBytes(config);
  return utf8(typeof config === "string" ? config : JSON.stringify(config));
}

function digest(...parts: string[]): string {
  return createHash("sha256").update(parts.join("||")).digest("hex");
}
