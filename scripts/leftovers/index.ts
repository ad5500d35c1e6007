export { atExit } from "./at-exit.ts";
export { withScratchFolder } from "./scratch-folder.ts";
