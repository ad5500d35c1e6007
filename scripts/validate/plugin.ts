import type { Keys } from "./finding.ts";

/** A Wasm plugin that a document configures, in whichever form. */
export interface Plugin {
  /** Of the block that configures it. */
  readonly keys: Keys;
  /** The root id; the name of a filter of ours. Empty where none is given. */
  readonly name: string;
  readonly nameKeys: Keys;
  /** Where the module comes from: a URL or a file's name. Empty where it says nothing. */
  readonly code: string;
  /** Of the image, as `sha256:…`; null where it is not pinned. */
  readonly digest: string | null;
  readonly codeKeys: Keys;
  readonly config: unknown;
  readonly configKeys: Keys;
  /** The configuration is a text within the document, with paths of its own. */
  readonly isText: boolean;
  /** Environment variables that the VM sees. */
  readonly env: readonly string[];
  /** Capabilities that it is restricted to. */
  readonly allowed: { readonly names: readonly string[]; readonly keys: Keys } | null;
}

/** What is known of a plugin's module. */
export interface PluginModule {
  /** As the module itself says; empty for one that says nothing. */
  readonly name: string;
  readonly configSchema: unknown;
  /** Functions that it imports, and callbacks that it exports. */
  readonly capabilities: readonly string[];
}

/** The module should have been fetched and could not be; the message says why. */
export class UnavailableModuleError extends Error {
  override readonly name = "UnavailableModuleError";
}

/** Finds it, or answers null where it is not at hand. */
export type FindModule = (plugin: Plugin) => Promise<PluginModule | null>;
