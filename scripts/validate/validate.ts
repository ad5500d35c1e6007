import { dirname } from "node:path";
import { pathOf } from "../manifests/index.ts";
import { checkProviders, checkTogether } from "./between-documents.ts";
import { type Checked, checkDocument, type Versions } from "./check-document.ts";
import type { Crds } from "./crds.ts";
import type { Finding, Problem } from "./finding.ts";
import { asObject, asText } from "./json-value.ts";
import { providerNames } from "./mesh-config-rules.ts";
import { type FindModule, UnavailableModuleError } from "./plugin.ts";
import { checkPlugin } from "./plugin-rules.ts";
import { readDocuments, type YamlDocument } from "./yaml-document.ts";

export interface ValidateOptions {
  /** Asked for when the first object of Istio comes; may throw. */
  readonly crds: () => Crds;
  readonly versions: Versions;
  readonly findModule: FindModule;
}

export interface Report {
  /** In the order of files and lines. */
  readonly problems: readonly Problem[];
  /** What was looked into: `istio/base/telemetry.yaml: Telemetry istio-system/mesh-telemetry`. */
  readonly checked: readonly string[];
  /** What was not, and why. */
  readonly notes: readonly string[];
}

interface Entry extends Checked {
  readonly document: YamlDocument;
  readonly object: string;
  readonly value: unknown;
  readonly kind: string;
}

/** Checks manifests, each by itself, with its neighbours, and against the modules of its plugins. */
export async function validate(files: readonly { file: string; text: string }[], options: ValidateOptions): Promise<Report> {
  const read = files.map(({ file, text }) => readDocuments(file, text));
  const entries = read.flatMap(({ documents }) => documents.map(document => entryOf(document, options)));
  const problems = [
    ...read.flatMap(each => each.problems),
    ...entries.flatMap(entry => entry.findings.map(finding => locate(finding, entry))),
    ...together(entries).map(([entry, finding]) => locate(finding, entry)),
  ];
  const notes = entries.flatMap(({ passedOver, document, object }) =>
    passedOver === null ? [] : [`${title(document, object)}: not checked: ${passedOver}`],
  );
  for (const entry of entries) {
    for (const plugin of entry.plugins) {
      const module = await options.findModule(plugin).catch((error: unknown) => {
        if (!(error instanceof UnavailableModuleError)) throw error;
        return error;
      });
      if (module instanceof UnavailableModuleError) {
        problems.push(locate({ keys: plugin.codeKeys, expected: "an image that can be fetched", found: module.message }, entry));
      } else if (module) problems.push(...checkPlugin(plugin, module).map(finding => locate(finding, entry)));
      else if (plugin.config !== undefined) {
        const which = plugin.name || plugin.code || "the plugin";
        notes.push(
          `${title(entry.document, entry.object)}: the configuration of ${which} was not compared with its schema: no such module here; give --module FILE or --pull`,
        );
      }
    }
  }
  const checked = entries.filter(({ passedOver }) => passedOver === null).map(({ document, object }) => title(document, object));
  const order = new Map(files.map(({ file }, index) => [file, index]));
  const place = (file: string): number => order.get(file) ?? 0;
  problems.sort((a, b) => place(a.file) - place(b.file) || a.line - b.line || a.column - b.column);
  return { problems, checked, notes };
}

function entryOf(document: YamlDocument, { crds, versions }: ValidateOptions): Entry {
  const { kind, metadata } = asObject(document.value);
  const { name, namespace } = asObject(metadata);
  const object = asText(kind) ? [asText(kind), [asText(namespace), asText(name)].filter(Boolean).join("/")].filter(Boolean).join(" ") : "";
  return { ...checkDocument(document.value, crds, versions), document, object, value: document.value, kind: asText(kind) };
}

/** Providers of everything that was given; the rest by what is applied together. */
function together(entries: readonly Entry[]): [Entry, Finding][] {
  const meshes = entries.flatMap(({ meshConfig }) => (meshConfig ? [meshConfig] : []));
  const known = new Set(meshes.flatMap(providerNames));
  const providers = meshes.length === 0 ? [] : entries.filter(({ kind }) => kind === "Telemetry");
  const missing = providers.flatMap(entry => checkProviders(entry.value, known).map((finding): [Entry, Finding] => [entry, finding]));
  const within = [...groups(entries).values()].flatMap(group =>
    [...checkTogether(group)].flatMap(([of, findings]) => findings.map((finding): [Entry, Finding] => [of as Entry, finding])),
  );
  return [...missing, ...within];
}

/** Objects of Kubernetes by folder, configurations of Envoy by file. */
function groups(entries: readonly Entry[]): Map<string, Entry[]> {
  const units = new Map<string, Entry[]>();
  for (const entry of entries) {
    const { file } = entry.document;
    const unit = entry.kind ? dirname(file) : file;
    units.set(unit, [...(units.get(unit) ?? []), entry]);
  }
  return units;
}

function locate({ keys, inner, expected, found, hint, isWarning }: Finding, { document, object }: Entry): Problem {
  const path = [pathOf(keys), inner].filter(Boolean).join(": ");
  const { file } = document;
  const severity = isWarning ? "warning" : "error";
  return { severity, file, ...document.position(keys), object, path, expected, found, ...(hint ? { hint } : {}) };
}

const title = ({ file }: YamlDocument, object: string): string => (object ? `${file}: ${object}` : file);
