export { InitError, initProject, TEMPLATES, type Template } from "./init.ts";
