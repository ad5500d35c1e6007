import { InvalidArgumentError } from "commander";
import { COLLECTOR, type Collector, type LogForm, logProvider, type Target } from "../manifests/index.ts";
import { UsageError } from "./usage-error.ts";

export interface LogFlags {
  readonly accessLog?: string;
  readonly accessLogFilter?: string;
  readonly collector?: Pick<Collector, "service" | "port" | "grpcPort">;
  readonly serviceName?: string;
}

interface LogRequest {
  readonly accessLog: string | undefined;
  readonly logForm: LogForm | undefined;
  readonly logWhen: string | undefined;
  readonly collector: Collector;
}

const FORMS: ReadonlySet<string> = new Set(["json", "otlp"] satisfies LogForm[]);
const isForm = (value: string): value is LogForm => FORMS.has(value);

/** What the request says of access logs: a form where Envoy is told how to write it, a provider's name where Istio is told who does. */
export function logRequest(
  target: Target,
  filter: string,
  { accessLog, accessLogFilter: logWhen, collector, serviceName }: LogFlags,
): LogRequest {
  if (logWhen !== undefined && target === "helm-values")
    throw new UsageError("manifest: --access-log-filter is not for helm-values; the Telemetry says which requests a provider logs");
  if (logWhen !== undefined && accessLog === undefined && target !== "envoy")
    throw new UsageError("manifest: --access-log-filter goes with --access-log, which names the provider that logs");
  const to = { logWhen, collector: { ...COLLECTOR, ...collector, ...(serviceName === undefined ? {} : { serviceName }) } };
  if (target !== "envoy" && target !== "helm-values") {
    if (collector !== undefined || serviceName !== undefined)
      throw new UsageError(
        "manifest: --collector and --service-name are for targets envoy and helm-values; Istio's providers know the collector",
      );
    return {
      ...to,
      logForm: undefined,
      accessLog: accessLog !== undefined && isForm(accessLog) ? logProvider(filter, accessLog) : accessLog,
    };
  }
  if (accessLog !== undefined && !isForm(accessLog))
    throw new UsageError(`manifest: --access-log ${accessLog}: expected json or otlp; names of extensionProviders are for Istio's targets`);
  return { ...to, accessLog: undefined, logForm: accessLog };
}

/** HOST:PORT; which protocol is spoken there the target decides. */
export function collectorAddress(value: string): Pick<Collector, "service" | "port" | "grpcPort"> {
  const [, service = "", digits = ""] = /^([A-Za-z0-9.-]+):(\d{1,5})$/.exec(value) ?? [];
  const port = Number(digits);
  if (!service || port < 1 || port > 65535) throw new InvalidArgumentError("Give HOST:PORT, as collector.observability:4318.");
  return { service, port, grpcPort: port };
}
