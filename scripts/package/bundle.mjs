// Bundles the programs of the package `errand` from the sources of the workspace, with all libraries.
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { rolldown } from 'rolldown';

const root = dirname(dirname(import.meta.dirname));
const MARK = 'place-of:';

/** The programs, by their places in the package: those at which the code looks for them. */
const entries = {
  'apps/cli/dist/main': 'apps/cli/src/main.ts',
  'apps/server/dist/main': 'apps/server/src/main.ts',
  'apps/server/dist/login-link': 'apps/server/src/login-link.ts',
  'apps/server/dist/platform-key': 'apps/server/src/platform-key.ts',
  'apps/server/dist/reseal': 'apps/server/src/reseal.ts',
  'apps/server/dist/verify-audit': 'apps/server/src/verify-audit.ts',
  'apps/server/dist/workspace': 'apps/server/src/workspace.ts',
  'apps/server/dist/planning/thread': 'apps/server/src/planning/thread.ts',
  'packages/integrations/dist/openapi/reader/child': 'packages/integrations/src/openapi/reader/child.ts',
  'packages/plan/dist/sandbox/child': 'packages/plan/src/sandbox/child.ts',
  'apps/demo/dist/main': 'apps/demo/src/main.ts',
  'apps/demo/dist/index': 'apps/demo/src/index.ts',
};

/** Libraries that others load only if they are installed. */
const ABSENT = ['pg-native', 'pg-cloudflare'];

/**
 * Modules find files relative to their own path. In the package, a source of the workspace has the same path below `app`.
 * @param {string} folder
 */
const samePlaces = (folder) =>
  /** @satisfies {import('rolldown').Plugin} */ ({
    name: 'places',
    transform(code, id) {
      if (id.startsWith('\0') || !code.includes('import.meta.url')) return undefined;
      const markedPath = MARK + relative(root, id) + MARK;
      return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(markedPath)}, import.meta.url).href`);
    },
    renderChunk(code, { fileName }) {
      const from = dirname(join(folder, fileName));
      return code.replaceAll(new RegExp(`${MARK}(.*?)${MARK}`, 'g'), (_, id) => relative(from, join(folder, id)));
    },
  });

/** graphile-worker would search all folders above for a file of its settings. The service gives it its settings. */
const noSearch = /** @satisfies {import('rolldown').Plugin} */ ({
  name: 'no-search',
  resolveId: (source) => (source === 'cosmiconfig' ? '\0cosmiconfig' : undefined),
  load: (id) => (id === '\0cosmiconfig' ? 'export const cosmiconfigSync = () => ({ search: () => null });' : undefined),
});

/**
 * Writes the programs into a folder.
 * @param {string} folder
 * @returns {Promise<{ outside: string[], modules: string[] }>} the packages that the programs import from outside the bundle, and the ids of
 * the modules in it
 */
export async function bundlePrograms(folder) {
  const bundle = await rolldown({
    input: Object.fromEntries(Object.entries(entries).map(([place, source]) => [place, join(root, source)])),
    platform: 'node',
    external: [/^node:/, ...ABSENT],
    plugins: [noSearch, samePlaces(folder)],
    resolve: {
      conditionNames: ['errand-source', 'node', 'default'],
      extensionAlias: { '.js': ['.ts', '.js'] },
    },
  });
  const { output } = await bundle.write({
    dir: folder,
    entryFileNames: '[name].js',
    chunkFileNames: 'parts/[name]-[hash].js',
    comments: { legal: true, annotation: false, jsdoc: false },
    // Names stay as they are: stack traces and class names appear in logs.
    minify: { compress: false, mangle: false, codegen: true },
  });
  await bundle.close();
  const chunks = output.flatMap((file) => (file.type === 'chunk' ? [file] : []));
  const imports = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]);
  const ownFiles = new Set(output.map(({ fileName }) => fileName));
  return {
    outside: imports.filter((name) => !ownFiles.has(name) && !isBuiltin(name) && !ABSENT.includes(name)),
    modules: chunks.flatMap(({ moduleIds }) => moduleIds),
  };
}
