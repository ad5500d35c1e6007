export { type PageServer, type ServedFile, type ServedPage, servePage } from "./serve.ts";
