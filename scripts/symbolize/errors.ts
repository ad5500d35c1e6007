/** Why offsets cannot become lines. Closed: a new reason gets a new member. */
export type SymbolizeErrorCode = "unreadable" | "map-missing" | "map-malformed" | "map-foreign";

/** A source map that cannot be used; the message says where, what and the next step. */
export class SymbolizeError extends Error {
  override readonly name = "SymbolizeError";
  readonly code: SymbolizeErrorCode;

  constructor(code: SymbolizeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
