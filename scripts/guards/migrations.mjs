// The migrations of a release stay as they are, and later ones sort after them: only then can the release before open a database that a later
// version has migrated, so that an upgrade can be undone.
import { createHash } from 'node:crypto';

export const RELEASED = 'prisma/released-migrations.txt';
const MIGRATION = /^prisma\/migrations\/([^/]+)\/migration\.sql$/;

/** @typedef {{ path: string, text: string }} File */

/** @param {File[]} files @returns the migrations with the SHA-256 of each, oldest first */
export function migrationsOf(files) {
  const migrations = files.flatMap(({ path, text }) => {
    const name = MIGRATION.exec(path)?.[1];
    return name ? [{ name, hash: createHash('sha256').update(text).digest('hex') }] : [];
  });
  return migrations.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** @param {File[]} files of the project @returns the migrations of the last release, with the SHA-256 of each */
export function readReleased(files) {
  const list = files.find(({ path }) => path === RELEASED)?.text ?? '';
  return new Map(
    list.split('\n').flatMap((line) => {
      const [name = '', hash = ''] = line.split(' ');
      return line === '' || line.startsWith('#') ? [] : [/** @type {const} */ ([name, hash])];
    }),
  );
}

/** @param {File[]} files of the project @returns a fault for each migration that sorts before the release, or differs from it */
export function misplacedMigrations(files) {
  const released = readReleased(files);
  const newest = [...released.keys()].sort().at(-1) ?? '';
  const present = new Map(migrationsOf(files).map(({ name, hash }) => [name, hash]));
  const pathOf = (/** @type {string} */ name) => `prisma/migrations/${name}/migration.sql`;
  const early = [...present.keys()]
    .filter((name) => !released.has(name) && name < newest)
    .map((name) => `${pathOf(name)}: it sorts before ${newest} of the last release; give it a later time`);
  const changed = [...released]
    .filter(([name, hash]) => present.get(name) !== hash)
    .map(([name]) => `${pathOf(name)}: it was released, and is missing or edited; restore it, and add a new migration`);
  return [...early, ...changed];
}
