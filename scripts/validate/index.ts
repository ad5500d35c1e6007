export { type Crds, loadCrds } from "./crds.ts";
export { type ModuleSources, moduleFinder } from "./find-module.ts";
export { formatProblem, type Problem } from "./finding.ts";
export type { FindModule, Plugin, PluginModule } from "./plugin.ts";
export { type Report, type ValidateOptions, validate } from "./validate.ts";
