import { fileURLToPath } from 'node:url';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Writes the ids of the modules, from which the bill of materials of the package `errand` is made. */
const modules = (fileName: string): Plugin => ({
  name: 'modules',
  generateBundle(_, bundle) {
    const ids = Object.values(bundle).flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
    const relative = ids.map((id) => id.replace(root, '')).sort();
    this.emitFile({ type: 'asset', fileName: `.vite/${fileName}`, source: JSON.stringify(relative) });
  },
});

export default defineConfig({
  base: '/console/',
  plugins: [react(), tailwindcss(), modules('modules.json')],
  build: {
    // The content security policy of the console allows only files of its own origin.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The test of sizes reads which chunks a page loads.
    manifest: true,
    target: 'es2023',
  },
  worker: { format: 'es', plugins: () => [modules('modules-worker.json')] },
});
