import { findProgram } from "../oci/find-program.ts";

const NAMES = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];

/** A Chromium that is installed: `CHROMIUM_PATH`, or one on PATH. Where there is none: null, and says what is left out. */
export function findChromium(leftOut: string): string | null {
  const found = process.env.CHROMIUM_PATH ?? NAMES.map(findProgram).find(each => each !== null);
  if (!found) console.error(`LEFT OUT: ${leftOut}, because no Chromium is on PATH; install it: apt-get install chromium-headless-shell`);
  return found ?? null;
}
