import { moduleFinder } from "../validate/index.ts";
import { UsageError } from "./usage-error.ts";

/** Looks for modules as `moduleFinder` does; a file of --module that is none is the user's mistake. */
export function findModules(command: string, sources: Parameters<typeof moduleFinder>[0]): ReturnType<typeof moduleFinder> {
  try {
    return moduleFinder(sources);
  } catch (error) {
    throw new UsageError(`${command}: --module: ${(error as Error).message}; give a .wasm file`, { cause: error });
  }
}
