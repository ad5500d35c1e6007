/** The work failed for a reason that its message tells in full; exit status 1 and no stack. */
export class WorkError extends Error {
  override readonly name = "WorkError";
}
