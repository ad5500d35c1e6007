import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Annotations } from "./blob.ts";

const PREFIX = "org.opencontainers.image.";

interface PackageJson {
  readonly version?: unknown;
  readonly license?: unknown;
  readonly description?: unknown;
  readonly repository?: unknown;
}

/**
 * What the nearest package.json and git know about the file in `folder`. What neither knows is left out.
 * No clock: `created` is the time of the commit, so an image made twice from one commit has one digest. With changes that are not
 * committed the revision ends in `-dirty`, and there is no time.
 *
 * Spec: OCI image-spec annotations.md
 */
export function findAnnotations(folder: string, title: string): Annotations {
  const json = nearestPackage(folder);
  // What npm has installed is in nobody's repository, though there may be one around it.
  const isInstalled = folder.split(sep).includes("node_modules");
  const commit = isInstalled ? null : git(folder, "rev-parse", "HEAD");
  const dirty = commit !== null && git(folder, "status", "--porcelain", "--untracked-files=no") !== "";
  const time = commit === null || dirty ? null : git(folder, "show", "--no-patch", "--format=%ct", "HEAD");
  return present({
    title,
    description: text(json.description),
    version: text(json.version),
    licenses: text(json.license),
    source: repositoryUrl(
      text(json.repository) ??
        text((json.repository as { url?: unknown } | null | undefined)?.url) ??
        (isInstalled ? null : remote(folder)),
    ),
    revision: commit === null ? null : dirty ? `${commit}-dirty` : commit,
    created: time === null ? null : new Date(Number(time) * 1000).toISOString().replace(".000Z", "Z"),
  });
}

/**
 * An address for people: no `git+`, no user or password, which a git remote may well hold.
 * Null for what is no address at all, such as a folder.
 */
export function repositoryUrl(address: string | null): string | null {
  if (address === null) return null;
  const shorthand = /^(?:(github|gitlab|bitbucket):)?([\w-]+\/[\w.-]+)$/.exec(address);
  if (shorthand) return `https://${shorthand[1] ?? "github"}.${shorthand[1] === "bitbucket" ? "org" : "com"}/${shorthand[2]}`;
  const short = /^(?:[\w.-]+@)?([\w.-]+):(?!\/)(.+)$/.exec(address);
  const long = /^(?:git\+)?(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/]+)\/(.+)$/.exec(address);
  const [, host, path] = long ?? short ?? [];
  if (host === undefined || path === undefined) return null;
  const scheme = /^(?:git\+)?http:/.test(address) ? "http" : "https";
  // A port of ssh is none of the web's.
  const web = /^(?:git\+)?https?:/.test(address) ? host : host.replace(/:\d+$/, "");
  return `${scheme}://${web}/${path.replace(/\.git$/, "")}`;
}

function remote(folder: string): string | null {
  return git(folder, "remote", "get-url", "origin");
}

function nearestPackage(start: string): PackageJson {
  for (let folder = start; ; folder = dirname(folder)) {
    const file = join(folder, "package.json");
    if (existsSync(file)) {
      try {
        return JSON.parse(readFileSync(file, "utf8")) as PackageJson;
      } catch {
        // Nothing in an image depends on it, and npm complains soon enough.
        return {};
      }
    }
    if (dirname(folder) === folder) return {};
  }
}

/** Null without git, outside of a repository, and before its first commit. */
function git(folder: string, ...args: string[]): string | null {
  try {
    return execFileSync("git", ["-C", folder, ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function present(values: Readonly<Record<string, string | null>>): Annotations {
  const entries = Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== null && entry[1] !== "");
  return Object.fromEntries(entries.map(([key, value]) => [PREFIX + key, value]));
}
