import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "e2e",
          include: ["e2e/*.test.ts"],
          exclude: ["e2e/*.bench.test.ts"],
          // A browser each: two at once take longer than one after the other where there are few cores.
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      // Over the real service, which `tests/serve/page.rs` starts.
      {
        test: {
          name: "service",
          include: ["e2e/service/*.test.ts"],
          expect: { poll: { timeout: 90_000 } },
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      // Times in a test would fail on a busy machine, so this is measured by `make bench`.
      { test: { name: "bench", include: ["e2e/size.bench.test.ts"], testTimeout: 600_000 } },
    ],
  },
});
