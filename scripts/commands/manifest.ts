import { createHash } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { MalformedWasmError, readWasm } from "../abi/index.ts";
import { ownProject, readIdentity } from "../build/index.ts";
import { DEFAULT_ENVOY_VERSION } from "../envoy/index.ts";
import {
  behindTracerConfig,
  type Code,
  type Context,
  checkPluginConfig,
  defaultFailurePolicy,
  defaultPhase,
  discovered,
  formatProblem,
  forSampledOnly,
  ManifestError,
  type ManifestRequest,
  manifests,
  modulePath,
  type Phase,
  remarks,
  renderManifests,
  type Scope,
  type SpanTag,
  type Target,
} from "../manifests/index.ts";
import { formatReference, parseReference } from "../oci/index.ts";
import { findModule, readConfig } from "../run/index.ts";
import { collectorAddress, type LogFlags, logRequest } from "./manifest-log.ts";
import { ociWork } from "./oci-work.ts";
import { UsageError } from "./usage-error.ts";
import { WorkError } from "./work-error.ts";

interface Flags extends LogFlags {
  readonly target: Target;
  readonly image?: string;
  readonly digest?: string;
  readonly remote?: string;
  readonly sha256?: string;
  readonly cluster?: string;
  readonly ecds?: string;
  readonly config?: string;
  readonly name?: string;
  readonly namespace: string;
  readonly selector?: Record<string, string>;
  readonly gateway?: string;
  readonly context?: Context;
  readonly mode?: "SERVER" | "CLIENT";
  readonly phase?: Phase;
  readonly priority?: number;
  readonly tag?: readonly SpanTag[];
  readonly staticTags?: boolean;
  readonly provider?: string;
  readonly sampling?: number;
  readonly metricTag?: Record<string, string>;
  readonly tracer: boolean;
  readonly behindTracer?: boolean;
  readonly skipUnsampled?: boolean;
  readonly service?: readonly string[];
  readonly failurePolicy?: ManifestRequest["failurePolicy"];
  readonly runtime: ManifestRequest["runtime"];
  readonly istioVersion: string;
  readonly envoyVersion: string;
}

const SOURCES = "header:NAME, literal:TEXT, env:NAME";

const CONTEXTS = ["SIDECAR_INBOUND", "SIDECAR_OUTBOUND", "GATEWAY"] as const;

export function register(program: Command): void {
  program
    .command("manifest")
    .description(
      "print the manifests that bring a filter to Istio or Envoy, with the custom tags for the span attributes of its configuration",
    )
    .argument("<filter>", "a .wasm file, or the name of a built filter")
    .addOption(
      choice("--target <target>", "what for", ["istio", "traffic-extension", "envoyfilter", "envoy", "helm-values"]).makeOptionMandatory(),
    )
    .option("--image <image>", "where the module is: oci://HOST[:PORT]/NAME:TAG")
    .option("--digest <digest>", "of the image's manifest, as push prints it")
    .option("--remote <url>", "where the module is: an http or https URL", httpUrl)
    .option("--sha256 <hex>", "of the module at that URL (default: of the module given here)", hex)
    .option("--cluster <name>", "Envoy's cluster that reaches the URL (default: the manifest adds one)")
    .option(
      "--ecds <file>",
      "for target envoy: write the filter to this file, by rename, and print the listener that finds it (hot reload)",
    )
    .option("--config <file>", "the filter's configuration: a file, or JSON")
    .option("--name <name>", "of the Kubernetes objects (default: the filter's)", objectName)
    .option("--namespace <namespace>", "of the Kubernetes objects", objectName, "istio-system")
    .option("--selector <label=value>", "only workloads with this label; may be repeated", label)
    .option("--gateway <name>", "only this Gateway of the Gateway API", objectName)
    .addOption(choice("--context <context>", `where an EnvoyFilter acts (default: "${CONTEXTS[0]}")`, CONTEXTS))
    .addOption(
      choice("--mode <mode>", "which side of the proxies: SERVER or CLIENT (default: both); an EnvoyFilter has --context", [
        "SERVER",
        "CLIENT",
      ]),
    )
    .addOption(
      choice("--phase <phase>", "where Istio puts the filter (default: AUTHN for request-auth, else STATS)", [
        "STATS",
        "AUTHN",
        "AUTHZ",
        "UNSPECIFIED",
      ]),
    )
    .option("--priority <number>", "among the plugins of that phase: the highest is the first (default: Istio's 0)", integer)
    .option("--tag <name[=from]>", `a span attribute that a filter of your own sets; or from ${SOURCES}; may be repeated`, tag)
    .option(
      "--static-tags",
      "literals of the configuration as custom tags, which cost a request nothing, in place of attributes that the filter sets",
    )
    .option("--provider <name>", "the mesh's extensionProvider for tracing (default: its defaultProviders)")
    .option("--sampling <percent>", "of new traces (default: the mesh's)", percent)
    .option(
      "--access-log <form>",
      "json (standard output) or otlp (the collector); for Istio the provider of that form in the Helm values, or any extensionProvider's name",
    )
    .option(
      "--access-log-filter <cel>",
      "log only requests for which this holds, such as 'response.code >= 400'; for envoy and with --access-log for Istio",
    )
    .option("--collector <host:port>", "for envoy: of OTLP over HTTP; for helm-values: over gRPC", collectorAddress)
    .option("--service-name <name>", "for envoy: service.name of the log in OTLP (default: app)")
    .option("--metric-tag <name=header>", "a label of istio_requests_total, from a request header; may be repeated", metricTag)
    .option("--no-tracer", "nothing traces: no custom tags, and the access log has the ids that trace-context exposes")
    .option(
      "--behind-tracer",
      "trace-context behind Envoy's own tracer, in the clusters, for targets envoy and envoyfilter; corrects what the tracer writes",
    )
    .option(
      "--skip-unsampled",
      "only requests whose span is exported reach the filter, for targets envoy and envoyfilter; for filters that do nothing but set attributes",
    )
    .option("--service <host>", "with --behind-tracer, for an EnvoyFilter: only the clusters of this service; may be repeated", host)
    .addOption(
      choice(
        "--failure-policy <policy>",
        "what happens to requests after a crash (default: open for filters of the pack that guard nothing, else closed)",
        ["closed", "open", "reload"],
      ),
    )
    .addOption(choice("--runtime <runtime>", "which engine runs the module", ["v8", "wasmtime", "wamr"], 0))
    .option("--istio-version <version>", "the oldest one in the mesh", version, "1.31")
    .option("--envoy-version <version>", "for target envoy", version, DEFAULT_ENVOY_VERSION)
    .action((filter: string, flags: Flags) => ociWork(async () => print(filter, flags)));
}

function print(name: string, flags: Flags): void {
  if (flags.ecds !== undefined && flags.target !== "envoy")
    throw new UsageError("manifest: --ecds is for --target envoy; Istio uses ECDS by itself");
  if (flags.ecds !== undefined && flags.behindTracer)
    throw new UsageError("manifest: --ecds parts a filter from its listener, and --behind-tracer puts it into clusters; take one of them");
  if (flags.service !== undefined && !(flags.behindTracer && flags.target === "envoyfilter"))
    throw new UsageError("manifest: --service goes with --target envoyfilter --behind-tracer");
  if (flags.context !== undefined && flags.target !== "envoyfilter")
    throw new UsageError("manifest: --context is for --target envoyfilter; take --mode, --selector or --gateway");
  if (flags.mode !== undefined && flags.target !== "istio" && flags.target !== "traffic-extension")
    throw new UsageError("manifest: --mode is for --target istio and traffic-extension; an EnvoyFilter has --context");
  const { module, config: given } = inputs(name, flags);
  const { wasm, identity, edges } = read(module.file);
  const filter = identity?.name || module.name;
  try {
    const config = flags.behindTracer ? behindTracerConfig({ filter, config: given }) : given;
    const problems = identity?.configSchema && config !== undefined ? checkPluginConfig(identity.configSchema, config) : [];
    if (problems.length > 0) throw new WorkError(problems.map(each => `manifest: ${filter}: ${formatProblem(each)}`).join("\n"));
    const code = codeOf(flags, filter, createHash("sha256").update(wasm).digest("hex"));
    const failurePolicy = flags.failurePolicy ?? defaultFailurePolicy(filter);
    const phase = flags.phase ?? defaultPhase(filter);
    const log = logRequest(flags.target, filter, flags);
    const asked = {
      ...flags,
      ...log,
      phase,
      context: flags.context ?? CONTEXTS[0],
      tags: flags.tag,
      metricTags: flags.metricTag,
      services: flags.service,
    };
    const request = { ...asked, filter, config, code, edges, failurePolicy, scope: scopeOf(flags) };
    const printed = flags.ecds === undefined ? manifests(flags.target, request) : [parted(flags.ecds, request)];
    process.stdout.write(renderManifests(printed, remarks(flags.target, request)));
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    throw error.code === "target" ? new UsageError(error.message, { cause: error }) : new WorkError(error.message, { cause: error });
  }
}

function read(file: string) {
  try {
    const wasm = readFileSync(file);
    return { wasm, edges: readWasm(wasm), identity: readIdentity(wasm) };
  } catch (error) {
    const reason =
      error instanceof MalformedWasmError ? `is no WebAssembly module: ${error.message}` : `cannot be read: ${(error as Error).message}`;
    throw new WorkError(`manifest: ${file} ${reason}; give a .wasm file`, { cause: error });
  }
}

function inputs(asked: string, flags: Flags) {
  try {
    const module = findModule(asked, [process.cwd(), ownProject().folder], "manifest");
    return { module, config: readConfig(flags.config, "manifest") };
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function codeOf(flags: Flags, filter: string, ownSha256: string): Code {
  const { image, digest, remote, sha256, cluster } = flags;
  if (image !== undefined && remote !== undefined) throw new UsageError("manifest: the module has one place; give --image or --remote");
  if (remote === undefined && (sha256 ?? cluster) !== undefined) throw new UsageError("manifest: --sha256 and --cluster go with --remote");
  if (image === undefined && digest !== undefined) throw new UsageError("manifest: --digest goes with --image");
  if (remote !== undefined) {
    if (sha256 !== undefined && sha256 !== ownSha256) {
      const text = `manifest: --sha256 is not that of the module here, ${ownSha256}`;
      console.error(`${text}; schema and capabilities were taken from this one, so let it be the one at the URL`);
    }
    return { from: "url", url: remote, sha256: sha256 ?? ownSha256, cluster };
  }
  if (image !== undefined) return imageCode(image, digest);
  return { from: "file", path: flags.ecds === undefined ? `/etc/envoy/${filter}.wasm` : modulePath(filter, ownSha256) };
}

/** Writes what Envoy finds by ECDS; the part that stays in the listener. */
function parted(file: string, request: ManifestRequest): Record<string, unknown> {
  const [blocks = {}] = manifests("envoy", { ...request, skipUnsampled: false });
  const parts = discovered(blocks, basename(file));
  const http_filters = parts.listener.http_filters.map(entry => forSampledOnly(request, entry, request.envoyVersion));
  try {
    writeFileSync(`${file}.new`, parts.file);
    renameSync(`${file}.new`, file);
  } catch (error) {
    throw new WorkError(`manifest: --ecds ${file} cannot be written: ${(error as Error).message}`, { cause: error });
  }
  return { ...parts.listener, http_filters };
}

function imageCode(image: string, digest: string | undefined): Code {
  const reference = parseReference(image);
  const given = digest?.replace(/^sha256:/, "");
  if (given !== undefined && !/^[0-9a-f]{64}$/.test(given)) {
    throw new UsageError(`manifest: --digest ${digest} is no digest; it is sha256: and 64 hexadecimal digits, as push prints it`);
  }
  const own = reference.digest?.replace(/^sha256:/, "");
  if (given !== undefined && own !== undefined && given !== own)
    throw new UsageError("manifest: --image and --digest name different digests; give one");
  if (given === undefined && own === undefined)
    console.error("manifest: without --digest nothing keeps the tag from meaning another module tomorrow");
  return { from: "image", url: formatReference(reference), sha256: given ?? own ?? null };
}

function scopeOf({ selector, gateway }: Flags): Scope {
  if (selector && gateway !== undefined) throw new UsageError("manifest: Istio takes labels or a Gateway; give --selector or --gateway");
  if (gateway !== undefined) return { kind: "gateway", name: gateway };
  return selector ? { kind: "labels", labels: selector } : { kind: "all" };
}

function choice(flags: string, description: string, values: readonly string[], byDefault?: number): Option {
  const option = new Option(flags, description).choices(values);
  return byDefault === undefined ? option : option.default(values[byDefault]);
}

function httpUrl(value: string): string {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value))
    throw new InvalidArgumentError("Give a URL like https://modules.example.com/filter.wasm.");
  return value;
}

function hex(value: string): string {
  const digits = value.replace(/^sha256:/, "");
  if (!/^[0-9a-f]{64}$/.test(digits)) throw new InvalidArgumentError("Give 64 hexadecimal digits.");
  return digits;
}

function tag(value: string, before: readonly SpanTag[] = []): SpanTag[] {
  const [, name = "", source, from = ""] = /^([^=]+)(?:=(header|literal|env):(.+))?$/s.exec(value) ?? [];
  if (!/^[A-Za-z0-9._-]{1,128}$/.test(name))
    throw new InvalidArgumentError(`Give a name of letters, digits, ".", "_", "-", or name=${SOURCES}.`);
  const sources = {
    header: { from: "header", header: from.toLowerCase() },
    literal: { from: "literal", value: from },
    env: { from: "env", variable: from },
  } as const;
  return [...before, { name, source: source ? sources[source as keyof typeof sources] : { from: "state" } }];
}

function metricTag(value: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name = "", header = ""] = /^([A-Za-z_][A-Za-z0-9_]*)=([A-Za-z0-9_-]+)$/.exec(value) ?? [];
  if (!name) throw new InvalidArgumentError("Give label=header, the label of letters, digits and _.");
  return { ...before, [name]: header.toLowerCase() };
}

/** What Kubernetes takes as a name. */
function objectName(value: string): string {
  if (value.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(value))
    throw new InvalidArgumentError("Give small letters, digits and hyphens, as Kubernetes does: mesh-telemetry.");
  return value;
}

function host(value: string, before: readonly string[] = []): string[] {
  if (!/^[A-Za-z0-9*.-]+$/.test(value))
    throw new InvalidArgumentError("Give the host that Istio knows it by: shop.shop.svc.cluster.local.");
  return [...before, value];
}

function percent(value: string): number {
  const number = Number(value);
  if (value.trim() === "" || !(number >= 0 && number <= 100)) throw new InvalidArgumentError("Give a number from 0 to 100.");
  return number;
}

function integer(value: string): number {
  const number = Number(value);
  if (!/^-?\d+$/.test(value) || number !== (number | 0)) throw new InvalidArgumentError("Give a whole number of 32 bits.");
  return number;
}

function label(value: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name = "", of = ""] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
  const [prefix, key = prefix] = name.split(/\/(.*)/s);
  const isPart = (text = "a"): boolean => /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/.test(text);
  if (!isPart(key) || (of !== "" && !isPart(of))) {
    throw new InvalidArgumentError("Give label=value, both as Kubernetes takes them: letters and digits, and - _ . between them.");
  }
  if (key !== prefix) objectName(prefix ?? "");
  return { ...before, [name]: of };
}

function version(value: string): string {
  if (!/^\d+\.\d+(\.\d+)?$/.test(value)) throw new InvalidArgumentError("Give a version like 1.31.");
  return value;
}
