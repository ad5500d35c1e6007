import { register } from "node:module";

/**
 * Has the compiler that transforms import be this one, whatever version their project has: a transform that works on the program as well as on its
 * syntax runs in the build's compiler, and the numbers by which a tree names its nodes differ from version to version.
 */
export function shareCompiler(): void {
  if (shared) return;
  shared = true;
  register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, { parentURL: import.meta.url, data: import.meta.url });
}

let shared = false;

/** What Node asks, in a thread of its own. */
const HOOKS = `
let own;
export function initialize(url) { own = url; }
export function resolve(name, context, next) {
  return next(name, /^assemblyscript(?:\\/|$)/.test(name) ? { ...context, parentURL: own } : context);
}
`;
