import { meshwright } from "meshwright/vitest-config";
import { defineConfig } from "vitest/config";

// Builds the filter before the tests, and runs them again when a file in assembly/ has changed.
export default defineConfig({ plugins: [meshwright()] });
