import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

const unkept = new Set(['node_modules', 'dist', 'generated', '.git', '.turbo', '.errand', 'coverage']);

/** Every file of the project, written by us or not, by its path from the root: what git keeps or would keep. */
export function projectFiles(root) {
  return (listed(root) ?? walked(root)).filter((file) => existsSync(join(root, file))).sort();
}

/** The files that are program text written by hand. */
export const sourceFiles = (root) =>
  projectFiles(root).filter((file) => /\.(ts|tsx|mjs|cjs|js)$/.test(file) && !/\.gen\.ts$/.test(file));

export const read = (root, file) => readFileSync(join(root, file), 'utf8');

/** Tests, what they are made of, and what is run by hand: they may do what the service may not. */
export const isProof = (file) =>
  /\.test\.tsx?$|\/testing\//.test(file) || /^(e2e|bench|scripts)\/|^[^/]+\/[^/]+\/scripts\//.test(file);

function listed(root) {
  if (!existsSync(join(root, '.git'))) return undefined;
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  try {
    return execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 26 })
      .split('\0')
      .filter(Boolean);
  } catch {
    return undefined; // no git here, or a folder that is none of its own
  }
}

function walked(folder, root = folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (unkept.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return walked(path, root);
    return entry.isFile() ? [relative(root, path).split(sep).join('/')] : [];
  });
}
