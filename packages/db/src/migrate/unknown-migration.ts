import { readFileSync } from 'node:fs';
import { LastingError } from '@errand/basics/explained-error';

/** All packages have the same version. */
export const VERSION: string = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** A migration of a database or a backup, with the version of Errand that applied it, if that is known. */
export type AppliedMigration = { name: string; version?: string | undefined };

type UnknownOptions = {
  /** What has the migrations. */
  subject?: string | undefined;
  /** The last applied migration, if this version may ignore the later ones. */
  accepted?: string | undefined;
};

/** @param own the migrations of this version, oldest first @throws LastingError if this version lacks an applied migration */
export function refuseUnknown(
  applied: readonly AppliedMigration[],
  own: readonly string[],
  { subject = 'The database', accepted }: UnknownOptions = {},
): void {
  const newest = own.at(-1) ?? '';
  const unknown = applied.filter(({ name }) => !own.includes(name)).sort((a, b) => (a.name < b.name ? -1 : 1));
  const [earliest, latest] = [unknown[0], unknown.at(-1)];
  if (!earliest || !latest) return;
  const isEarlier = earliest.name < newest;
  if (!isEarlier && latest.name === accepted) return;
  const { name, version } = isEarlier ? earliest : latest;
  const maker = version === VERSION ? `another build of Errand ${version}` : `Errand ${version}`;
  throw new LastingError(
    `${subject} belongs to ${version ? maker : 'another version of Errand'}: this version, ${VERSION}, has no migration ${name}. ` +
      'Use that version or a later one, or restore a backup from before the upgrade: docs/upgrading.md, "Roll back".',
  );
}
