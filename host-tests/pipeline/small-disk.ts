import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly folder: string;
  stop(): Promise<void>;
}

/** A file system of a few KiB in memory; null where this user may not mount one, and says what is lost. */
export function mountSmallDisk(kib: number): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), "meshwright-small-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${kib}k`, "tmpfs", folder], { stdio: "pipe" });
  } catch (error) {
    rmSync(folder, { recursive: true });
    console.error(
      `LEFT OUT: no disk gets full, because mounting a tmpfs failed (${(error as Error).message.split("\n")[1] ?? "no mount"}); run as root`,
    );
    return null;
  }
  return {
    folder,
    stop: async () => {
      // Whoever had a file there has ended; until the kernel knows, it is detached.
      execFileSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true });
    },
  };
}
