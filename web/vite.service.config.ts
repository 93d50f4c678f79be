import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/**
 * The service's page. It has a script and styles of its own address, which the service lets browsers keep
 * for ever: their names change with what they hold.
 */
export default defineConfig({
  base: "/",
  plugins: [react()],
  build: {
    target: "es2022",
    outDir: "dist/service",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    chunkSizeWarningLimit: 4_000,
    rolldownOptions: { input: "service.html", output: { codeSplitting: false } },
  },
});
