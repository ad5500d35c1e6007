/** Adds to the compiler's words what to write instead, for source of older compilers. */
export function explain(messages: string): string {
  return messages;
}
