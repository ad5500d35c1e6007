export { checkPluginConfig, formatProblem } from "./plugin-config.ts";
export { manifests, renderManifests } from "./render.ts";
export * from "./request.ts";
