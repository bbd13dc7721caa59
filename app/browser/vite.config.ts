import { defineConfig } from 'vite';

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: '../dist/browser',
    emptyOutDir: true,
    // Small files would become data: addresses, which the Content-Security-Policy does not know.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      onLog(level, log, report) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log); // 'use client' of Mantine
      },
    },
  },
});
