import { BuildError } from "./errors.ts";
import { joinSections, splitSections } from "./wasm-sections.ts";

/** The custom section that travels with a module and says what it is. */
export const SECTION_NAME = "meshwright";

/** What the section holds, as JSON. No time and no path: the same source gives the same bytes. */
export interface ModuleIdentity {
  readonly name: string;
  readonly version: string;
  readonly sdkVersion: string;
  readonly ascVersion: string;
  /** The JSON Schema of the plugin configuration, or null when the filter gives none. */
  readonly configSchema: unknown;
}

/** Returns the module with the section at its end, replacing one that is there. Code offsets stay as they are. */
export function writeIdentity(wasm: Uint8Array, identity: ModuleIdentity): Uint8Array {
  const contents = new TextEncoder().encode(JSON.stringify(identity));
  const others = splitSections(wasm).filter(({ name }) => name !== SECTION_NAME);
  return joinSections([...others, { id: 0, name: SECTION_NAME, contents }]);
}

/** Reads the section back; null when the module has none, because something else built it. */
export function readIdentity(wasm: Uint8Array): ModuleIdentity | null {
  const section = splitSections(wasm).find(({ name }) => name === SECTION_NAME);
  if (!section) return null;
  try {
    return JSON.parse(new TextDecoder().decode(section.contents)) as ModuleIdentity;
  } catch (error) {
    const text = `build: the custom section "${SECTION_NAME}" is not JSON: ${(error as Error).message}; build the module again`;
    throw new BuildError("custom-section", text, { cause: error });
  }
}
