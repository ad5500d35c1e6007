export { apiReference } from "./api-reference.ts";
export { type Api, type ApiMember, type ApiSymbol, findInApi, undocumented } from "./model.ts";
export { readApi } from "./read-api.ts";
