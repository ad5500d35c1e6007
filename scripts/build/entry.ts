import { existsSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { readConfigSchema } from "./config-schema.ts";
import { BuildError } from "./errors.ts";
import { findProject, ownProject, type Project } from "./project.ts";

/** What a build starts from: the user's file, and a file of our own around it that exports the callbacks. */
export interface Entry {
  /** The user's file, absolute. */
  readonly file: string;
  /** The project that the file lies in; asc's base folder, so that no absolute path gets into the output. */
  readonly project: Project;
  /** The one name: of the module, its files, its root id. */
  readonly name: string;
  /** How asc names the SDK's modules; a prefix of their internal paths. */
  readonly sdkPath: string;
  /** The meshwright package whose SDK gets compiled in. */
  readonly sdk: Project;
  /** Path and text of the file that asc compiles; it exists only in memory. */
  readonly wrapper: { readonly path: string; readonly text: string };
  /** The configuration's JSON Schema from config.schema.json beside the entry, if there is one. */
  readonly configSchema: unknown;
}

/** The SDK's folder inside the package. */
const SDK = "assembly/sdk";

/** Finds out what to compile for an entry file, or for a folder with an index.ts. */
export function resolveEntry(path: string, own: Project = ownProject()): Entry {
  const file = entryFile(path);
  const project = findProject(dirname(file));
  const insidePath = toPosix(relative(project.folder, file));
  // asc tells modules apart by their path. Inside the package the SDK is a relative path, outside it is reached by
  // name; mixing both would link two SDKs with a dispatcher each into one module.
  const inside = project.folder === own.folder;
  const sdkPath = inside ? SDK : `~lib/meshwright/${SDK}`;
  const callbacks = inside ? relativeImport(dirname(insidePath), `${SDK}/callbacks/index`) : `meshwright/${SDK}/callbacks`;
  return {
    file,
    project,
    name: moduleName(file, project, insidePath),
    sdkPath,
    sdk: inside ? own : (installedSdk(project.folder) ?? own),
    wrapper: {
      path: toPosix(join(dirname(insidePath), "meshwright-entry.ts")),
      text: `export * from "./${basename(file, ".ts")}";\nexport * from "${callbacks}";\n`,
    },
    configSchema: readConfigSchema(join(dirname(file), "config.schema.json")),
  };
}

function entryFile(path: string): string {
  const candidates = [resolve(path), resolve(`${path}.ts`), resolve(path, "index.ts"), resolve(path, "assembly", "index.ts")];
  const found = candidates.find(candidate => candidate.endsWith(".ts") && existsSync(candidate) && statSync(candidate).isFile());
  if (!found) {
    throw new BuildError(
      "entry-missing",
      `build: ${existsSync(path) ? `${path} is neither a .ts file nor a folder with an index.ts` : `there is no ${path}`}; give the filter's entry file`,
    );
  }
  return realpathSync(found);
}

/** `a/b/index.ts` is called b, and so are `a/b.ts` and `a/b/assembly/index.ts`; a project's own assembly/index.ts is called as the project. */
function moduleName(file: string, project: Project, insidePath: string): string {
  if (/^(?:(?:assembly|src)\/)?index\.ts$/.test(insidePath)) return project.name ?? basename(project.folder);
  if (basename(file) !== "index.ts") return basename(file, ".ts");
  const folder = dirname(file);
  return basename(basename(folder) === "assembly" ? dirname(folder) : folder);
}

/** The meshwright that asc finds from a user's project; none when the command runs from elsewhere, as with npx. */
function installedSdk(start: string): Project | null {
  for (let folder = start; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", "meshwright");
    if (existsSync(join(candidate, SDK))) return findProject(candidate);
    if (dirname(folder) === folder) return null;
  }
}

function relativeImport(from: string, to: string): string {
  const path = toPosix(relative(from, to));
  return path.startsWith(".") ? path : `./${path}`;
}

function toPosix(path: string): string {
  return path.split(sep).join("/");
}
