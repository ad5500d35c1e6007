import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { SymbolizeError } from "./errors.ts";
import { ModuleMap } from "./module-map.ts";

/** The map of a module, from the file of either. When both files are there, they must belong together. */
export function openMap(file: string): ModuleMap {
  const isMap = file.endsWith(".map");
  const [wasmFile, mapFile] = isMap ? [file.replace(/\.map$/, ""), file] : [file, `${file}.map`];
  if (!isMap) read(wasmFile);
  if (!existsSync(mapFile)) {
    const text = `symbolize: there is no source map ${mapFile}; meshwright build writes it beside the module`;
    throw new SymbolizeError(
      "map-missing",
      `${text}, and with an image: meshwright symbolize --image oci://…, or meshwright pull --with-source-map`,
    );
  }
  const wasm = existsSync(wasmFile) ? readFileSync(wasmFile) : null;
  return belonging(new ModuleMap(new TextDecoder().decode(read(mapFile)), mapFile), wasm, wasmFile);
}

/** The map, if it was written for this module. */
export function belonging(map: ModuleMap, wasm: Uint8Array | null, where: string): ModuleMap {
  if (!wasm) return map;
  const sha256 = createHash("sha256").update(wasm).digest("hex");
  if (map.module.sha256 === sha256) return map;
  const text = `symbolize: ${map.origin} is the map of a module with sha256 ${map.module.sha256}, and ${where} has ${sha256}`;
  throw new SymbolizeError(
    "map-foreign",
    `${text}; its lines would be wrong. Take module and map from the same build, or from the same image`,
  );
}

function read(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code;
    throw new SymbolizeError("unreadable", `symbolize: ${file} cannot be read (${reason}); give a .wasm or .wasm.map file`, { cause });
  }
}
