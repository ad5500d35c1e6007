import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe } from "vitest";
import { startDockerRegistry } from "./docker-registry.ts";
import { findOrTell } from "./find-program.ts";
import type { Listening } from "./listen.ts";
import { startMemoryRegistry } from "./registry.ts";
import { startTokenService, type TokenService } from "./token-service.ts";

export interface Start {
  /** A registry that everybody may use, or only users of ./users.ts; stopped after the tests. */
  (auth?: "basic"): Promise<Listening>;
  /** One that sends everybody to a token service. */
  withTokens(): Promise<Listening & { readonly service: TokenService }>;
}

type StartWith = (options: { basic?: boolean; token?: TokenService }) => Promise<Listening>;

const PROGRAM = "docker-registry";

/**
 * The same tests on our own registry in memory, always, and on docker-registry where it is installed.
 * MESHWRIGHT_REQUIRE_REGISTRY=1 makes its absence an error.
 */
export function describeRegistries(title: string, tests: (start: Start) => void): void {
  describe(`${title} [memory]`, () => tests(stopping(options => startMemoryRegistry(options))));
  const program = findOrTell(PROGRAM, `"${title}" runs on the registry in memory only`);
  if (program) {
    describe(`${title} [${PROGRAM}]`, () => {
      const folder = temporaryFolder();
      let count = 0;
      tests(stopping(options => startDockerRegistry(program, join(folder, `${count++}`), options)));
    });
  }
}

/** A folder that is gone when the tests are done. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "meshwright-oci-test-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function stopping(startWith: StartWith): Start {
  const running: Listening[] = [];
  const folder = temporaryFolder();
  afterAll(async () => {
    for (const each of running.splice(0).reverse()) await each.stop();
  });
  const started = async <T extends Listening>(starting: Promise<T>): Promise<T> => {
    const each = await starting;
    running.push(each);
    return each;
  };
  const start = (auth?: "basic"): Promise<Listening> => started(startWith({ basic: auth === "basic" }));
  const withTokens = async (): Promise<Listening & { service: TokenService }> => {
    const service = await started(startTokenService(folder));
    return { ...(await started(startWith({ token: service }))), service };
  };
  return Object.assign(start, { withTokens });
}
