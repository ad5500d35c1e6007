import { checkPluginConfig, formatProblem } from "../../manifests/index.ts";
import type { Check, Patient } from "../check.ts";
import { pluginsOf } from "../exporters.ts";
import type { Report } from "../finding.ts";
import type { WasmPlugin } from "../wasm-plugin.ts";

/** Configurations of plugins against the schema that their module carries; also those that Envoy has refused and does not use. */
export const pluginConfigs: Check = async patient => {
  const { proxy } = patient;
  const plugins = [...proxy.managers, ...proxy.rejected.flatMap(({ managers }) => managers)].flatMap(pluginsOf);
  const reports = await Promise.all(plugins.map(plugin => checkOne(plugin, patient)));
  return reports.flat();
};

async function checkOne(plugin: WasmPlugin, { findModule }: Patient): Promise<Report[]> {
  if (plugin.config === undefined) return [];
  const { rootId, own, code, config } = plugin;
  const unknown = { keys: [], nameKeys: [], codeKeys: [], configKeys: [], digest: null, isText: true, env: [], allowed: null };
  const module = await findModule({ ...unknown, name: own ?? rootId, code, config });
  if (!module?.configSchema) return [];
  const problems = checkPluginConfig(module.configSchema, config);
  if (problems.length === 0) return [];
  const found = `${module.name} refuses its configuration: ${problems.map(formatProblem).join("; ")}`;
  const mend = "correct it; an update that is refused leaves the configuration before it in force, at a start there is none";
  return [{ id: "filter-config-refused", where: `${plugin.filter.where}, configuration`, found, mend }];
}
