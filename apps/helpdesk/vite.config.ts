import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  // The content security policy of the page allows only files of its own origin.
  build: { outDir: 'dist/page', assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023' },
});
