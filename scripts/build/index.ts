export { type BuildOptions, type BuildResult, buildModule, moduleOf, STEPS } from "./build.ts";
export { type ModuleIdentity, readIdentity, SECTION_NAME, writeIdentity } from "./custom-section.ts";
export { BuildError, type BuildErrorCode } from "./errors.ts";
export { describeModule, type Meta } from "./meta.ts";
export { findProject, ownProject, type Project } from "./project.ts";
export { EXTENSION, type MapExtension } from "./source-map.ts";
export { type RawSection, splitSections } from "./wasm-sections.ts";
export { type Watch, watchModule } from "./watch.ts";
