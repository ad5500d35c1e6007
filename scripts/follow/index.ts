export { type Followed, follow } from "./follow.ts";
export { followedLines } from "./print.ts";
