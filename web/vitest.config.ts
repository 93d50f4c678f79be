import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["src/**/*.test.ts"], testTimeout: 60_000 } },
      {
        test: {
          name: "e2e",
          include: ["e2e/views.test.ts"],
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      // Times in a test would fail on a busy machine, so this is measured by `make bench`.
      { test: { name: "bench", include: ["e2e/size.bench.test.ts"], testTimeout: 600_000 } },
    ],
  },
});
