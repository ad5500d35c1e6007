/** Contexts by the host's numbers, as filters of these SDKs ask for them. Who asks for one that there is not has made a mistake. */
import { BaseContext } from "./base-context";
import { createStream, ensureRoot, findContext, findRoot, findStream, forget } from "./registry";

export function ensureContext(context_id: u32, root_context_id: u32): void {
  createStream(context_id, root_context_id);
}

export function getBaseContext(context_id: u32): BaseContext {
  const context = findContext(context_id);
  if (context == null) throw new Error("no context has the id " + context_id.toString());
  return context;
}

export function deleteContext(context_id: u32): void {
  forget(context_id);
}

// The dialects give these the types of their classes.

export function ensuredRoot<T>(id: u32): T {
  const context = ensureRoot(id);
  if (context == null) throw new Error("no root context is registered for the id " + id.toString());
  return changetype<T>(context);
}

export function knownStream<T>(id: u32): T {
  const context = findStream(id);
  if (context == null) throw new Error("no stream has the id " + id.toString());
  return changetype<T>(context);
}

export function knownRoot<T>(id: u32): T {
  const context = findRoot(id);
  if (context == null) throw new Error("no root context has the id " + id.toString());
  return changetype<T>(context);
}
