import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { singleFile } from "./build/single-file.ts";

export default defineConfig({
  base: "./",
  plugins: [react(), singleFile()],
  build: {
    target: "es2022",
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
    cssCodeSplit: false,
    modulePreload: false,
    chunkSizeWarningLimit: 4_000,
    rolldownOptions: { output: { codeSplitting: false, format: "iife" } },
  },
});
