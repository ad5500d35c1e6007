/** Why a build failed. Closed: a new reason gets a new member. */
export type BuildErrorCode =
  | "entry-missing"
  | "project-missing"
  | "sdk-missing"
  | "sdk-twice"
  | "compile"
  | "no-filter"
  | "compat"
  | "transform"
  | "optimize"
  | "start-section"
  | "import-unknown"
  | "config-schema"
  | "custom-section"
  | "abi-check"
  | "output";

/** A build that cannot go on; the message says where, what and the next step. */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly code: BuildErrorCode;
  /** Nothing has changed since the build that found it. */
  readonly reused: boolean;

  constructor(code: BuildErrorCode, message: string, { reused = false, ...options }: ErrorOptions & { reused?: boolean } = {}) {
    super(message, options);
    this.code = code;
    this.reused = reused;
  }
}
