import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  plugins: [react(), tailwindcss()],
  build: {
    // The content security policy of the console allows only files of its own origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The test of sizes reads which chunks a page loads.
    manifest: true,
    target: 'es2023',
  },
  worker: { format: 'es' },
});
