// `node ../../scripts/bundle.mjs dist/x.js`, the last step of a package's build: puts all that a program imports into its file, so that
// Node reads a few files at a start instead of a thousand. What it imports later lies in `parts` beside it.
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const entry = resolve(process.argv[2] ?? '');
const folder = dirname(entry);
const MARK = 'place-of:';

/** A module finds files by its own place: there it stays, whatever it is put into. */
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

/** What is read from its package as before: the fault harness changes what pg sends, and the others load files by `__dirname`. */
const apart = /** @satisfies {import('rolldown').Plugin} */ ({
  name: 'apart',
  async resolveId(source, importer, options) {
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    const isApart = resolved && /\/node_modules\/(pg|thread-stream|import-fresh)\//.test(resolved.id);
    return isApart ? { ...resolved, external: 'relative' } : resolved;
  },
});

const bundle = await rolldown({ input: entry, platform: 'node', external: /^node:/, plugins: [apart, ownPlaces] });
const { output } = await bundle.write({ dir: folder, chunkFileNames: 'parts/[name]-[hash].js' });

// Of an earlier build; and the map that the compiler wrote is of another file now.
const currentFiles = new Set(output.map(({ fileName }) => fileName));
if (currentFiles.size > 1) {
  for (const name of readdirSync(join(folder, 'parts'))) {
    if (!currentFiles.has(`parts/${name}`)) rmSync(join(folder, 'parts', name));
  }
}
rmSync(`${entry}.map`, { force: true });
