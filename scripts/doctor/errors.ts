/** There is nothing that could be examined. */
export class DoctorError extends Error {
  override readonly name = "DoctorError";
}
