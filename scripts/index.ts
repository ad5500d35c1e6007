/** What a program can do with Meshwright: build a module, and check one. The command line is on top of this. */
export { type CheckOptions, checkModule, type Problem, type ProblemCode } from "./abi/index.ts";
export {
  BuildError,
  type BuildErrorCode,
  type BuildOptions,
  type BuildResult,
  buildModule,
  type Meta,
  readIdentity,
} from "./build/index.ts";
