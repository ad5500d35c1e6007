/** A program that a part of the bench needs is not there; the message says how to install it. The report names the part as missing. */
export class ToolMissingError extends Error {
  override readonly name = "ToolMissingError";
}
