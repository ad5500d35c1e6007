/**
 * The foreign functions that stock Envoy documents and registers (1.36 to 1.40), by name. The expressions are there only where Envoy was
 * built with CEL, as its releases are.
 */
export const FOREIGN_FUNCTIONS: readonly string[] = [
  "clear_route_cache",
  "compress",
  "declare_property",
  "expr_create",
  "expr_delete",
  "expr_evaluate",
  "set_envoy_filter_state",
  "sign",
  "uncompress",
  "verify_signature",
];
