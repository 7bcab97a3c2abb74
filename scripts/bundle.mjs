// `node ../../scripts/bundle.mjs dist/x.js`, the last step of a package's build, bundles a program into one file, so that Node reads a few
// files at its start instead of a thousand. Dynamic imports go to `parts`.
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const entry = resolve(process.argv[2] ?? '');
const folder = dirname(entry);
const MARK = 'place-of:';

/** Modules find files relative to their own path, so `import.meta` keeps the path of the original. */
const ownPlaces = /** @satisfies {import('rolldown').Plugin} */ ({
  name: 'places',
  transform(code, id) {
    if (id.startsWith('\0') || !code.includes('import.meta.url')) return undefined;
    return code.replaceAll('import.meta.url', `new URL(${JSON.stringify(MARK + id + MARK)}, import.meta.url).href`);
  },
  renderChunk(code, { fileName }) {
    const from = dirname(join(folder, fileName));
    return code.replaceAll(new RegExp(`${MARK}(.*?)${MARK}`, 'g'), (_, id) => relative(from, id));
  },
});

/** Packages that stay outside the bundle: the fault harness changes what pg sends, and the others load files by `__dirname`. */
const apart = /** @satisfies {import('rolldown').Plugin} */ ({
  name: 'apart',
  async resolveId(source, importer, options) {
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    const isApart = resolved && /\/node_modules\/(pg|thread-stream)\//.test(resolved.id);
    return isApart ? { ...resolved, external: 'relative' } : resolved;
  },
});

/** graphile-worker would search all folders above for a file of its settings. The service gives it its settings. */
const noSearch = /** @satisfies {import('rolldown').Plugin} */ ({
  name: 'no-search',
  resolveId: (source) => (source === 'cosmiconfig' ? '\0cosmiconfig' : undefined),
  load: (id) => (id === '\0cosmiconfig' ? 'export const cosmiconfigSync = () => ({ search: () => null });' : undefined),
});

const plugins = [noSearch, apart, ownPlaces];
const bundle = await rolldown({ input: entry, platform: 'node', external: /^node:/, plugins });
const { output } = await bundle.write({ dir: folder, chunkFileNames: 'parts/[name]-[hash].js' });

// Parts of an earlier build; and the compiler's source map no longer matches.
const currentFiles = new Set(output.map(({ fileName }) => fileName));
if (currentFiles.size > 1) {
  for (const name of readdirSync(join(folder, 'parts'))) {
    if (!currentFiles.has(`parts/${name}`)) rmSync(join(folder, 'parts', name));
  }
}
rmSync(`${entry}.map`, { force: true });
