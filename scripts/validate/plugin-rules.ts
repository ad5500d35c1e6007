import { checkPluginConfig, environmentNames, ManifestError, shown } from "../manifests/index.ts";
import type { Finding } from "./finding.ts";
import type { Plugin, PluginModule } from "./plugin.ts";

/** Compares what a document says of a plugin with the plugin's module. */
export function checkPlugin(plugin: Plugin, module: PluginModule): Finding[] {
  return [...rootId(plugin, module), ...config(plugin, module), ...environment(plugin, module), ...capabilities(plugin, module)];
}

/** Envoy asks the module for a root of this name. Empty suits every module of this SDK. */
function rootId({ name, nameKeys }: Plugin, module: PluginModule): Finding[] {
  if (name === "" || module.name === "" || name === module.name) return [];
  const hint = "the module has no root of another name, and Envoy refuses the filter";
  return [{ keys: nameKeys, expected: shown(module.name), found: shown(name), hint }];
}

function config({ config, configKeys, isText }: Plugin, { configSchema }: PluginModule): Finding[] {
  if (configSchema === null || configSchema === undefined || config === undefined) return [];
  try {
    return checkPluginConfig(configSchema, config).map(({ keys, path, expected, found }) =>
      isText ? { keys: configKeys, inner: path, expected, found } : { keys: [...configKeys, ...keys], expected, found },
    );
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return [{ keys: configKeys, expected: "a module with a usable JSON Schema", found: error.message }];
  }
}

/** A VM sees no variable that it was not granted; the filter then takes the default. */
function environment({ config, configKeys, env }: Plugin, { name }: PluginModule): Finding[] {
  const missing = environmentNames(name, config).filter(each => !env.includes(each));
  return missing.map(each => ({
    keys: configKeys,
    expected: `the environment variable ${each}, which this configuration reads, to be granted to the VM`,
    found: "no such grant",
    hint: "add it to vmConfig.env, or in Envoy to vm_config.environment_variables.host_env_keys",
    isWarning: true,
  }));
}

/** A hostcall that is not allowed answers with an error, and a callback that is not allowed is never called. */
function capabilities({ allowed }: Plugin, { capabilities: used }: PluginModule): Finding[] {
  if (!allowed || allowed.names.length === 0) return [];
  const missing = used.filter(name => !allowed.names.includes(name));
  if (missing.length === 0) return [];
  return [{ keys: allowed.keys, expected: `every capability that the module uses, also ${missing.join(", ")}`, found: "a list without" }];
}
