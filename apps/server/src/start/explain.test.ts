import { NoPrimaryError } from '@errand/db';
import { folderFault } from '@errand/db/embedded';
import { expect, test } from 'vitest';
import { databaseFault, embeddedFault, toStartErrorText } from './explain.ts';

const URL = 'postgres://ada:s3cret@db.example.com/errand';
const failure = (code: string | undefined, message = '') => Object.assign(new Error(message), { code });

test.each([
  [failure('ECONNREFUSED'), 'No Postgres listens on db.example.com:5432. Start it, or correct DATABASE_URL.'],
  [failure('ENOTFOUND'), 'No address was found for the host db.example.com in DATABASE_URL. Correct DATABASE_URL.'],
  [
    failure('28P01', 'password authentication failed'),
    /refuses the user ada or the password\. Correct DATABASE_URL\.$/,
  ],
  [failure('3D000'), /has no database errand\. Create it, or correct DATABASE_URL\.$/],
  [failure('53300'), /has no connection left\. /],
  [failure(undefined, 'timeout expired'), /does not answer\. /],
  [
    failure(undefined, 'self-signed certificate'),
    /No encrypted connection .*self-signed certificate\. Correct sslmode/,
  ],
])('trouble with Postgres is said in words, without the password: %s', (error, says) => {
  const text = toStartErrorText(databaseFault(error, URL));
  expect(text).toMatch(says);
  expect(text).not.toContain('s3cret');
});

test('of a list of hosts the fault of each is said, without the password', () => {
  const error = new NoPrimaryError([failure('ECONNREFUSED'), failure('25006')], 'none');
  const text = toStartErrorText(databaseFault(error, 'postgres://ada:s3cret@a,b:5433/errand'));
  expect(text).toBe(
    'No host of DATABASE_URL accepts writes. No Postgres listens on a:5432. Start it, or correct DATABASE_URL. ' +
      'Postgres on b:5433 is read-only. Point DATABASE_URL to the primary, or turn default_transaction_read_only off.',
  );
  const refused = databaseFault(failure('28P01'), 'postgres://ada:s3cret@a,b:5433/errand');
  expect(toStartErrorText(refused)).toMatch(/^Postgres on a:5432, b:5433 refuses the user ada/);
});

test.each([
  ['ENOSPC', 'The disk of /data is full. Free space on it, or set ERRAND_DATA_DIR to another folder.'],
  [
    'EACCES',
    'This user may not write to /data. Give the folder to this user, or set ERRAND_DATA_DIR to another folder.',
  ],
  ['EROFS', 'The disk of /data is read-only. Set ERRAND_DATA_DIR to another folder.'],
])('a folder that cannot be used is said in words: %s', (code, says) => {
  expect(toStartErrorText(folderFault(failure(code), '/data'))).toBe(says);
});

test.each([
  ['EACCES', 'mkdir', '/srv', 'This user may not write to /srv/data. Give the folder to this user, '],
  ['EACCES', 'open', '/srv/data/write-test.1', 'This user may not write to /srv/data. Give the folder to this user, '],
  ['EACCES', 'open', '/srv/data/master-keys', 'This user may not open /srv/data/master-keys. Give the folder '],
  ['ENOENT', 'mkdir', '/proc/data', 'The folder /proc/data cannot be created. Set ERRAND_DATA_DIR '],
  ['ENOENT', 'open', '/srv/data/some-file', '/srv/data/some-file is missing. Restore /srv/data from a backup, '],
  ['EISDIR', 'read', '/srv/data/master-keys', '/srv/data/master-keys is a folder, not a file. Move it away, '],
  ['ENOSPC', 'write', '/srv/data/dev.json', 'The disk of /srv/data is full. Free space on it, '],
])('%s of %s %s is said as what it is', (code, syscall, path, says) => {
  const error = Object.assign(failure(code), { syscall, path });
  expect(toStartErrorText(folderFault(error, '/srv/data'))).toContain(says);
});

test('a disk that Postgres finds full is said as such', () => {
  const error = failure(
    undefined,
    'initdb: FATAL:  could not extend file "1": wrote only 4096\nHINT:  Check free disk space.',
  );
  expect(toStartErrorText(folderFault(error, '/data'))).toMatch(/^The disk of \/data is full\./);
});

test('of a Postgres that does not start its first complaint is said', () => {
  const error = failure(
    undefined,
    'the embedded Postgres did not start:\nFATAL:  it is broken\nPANIC:  something else',
  );
  expect(toStartErrorText(embeddedFault(error, '/data'))).toMatch(
    /^The embedded Postgres did not start: it is broken\. .*postgres\.log.* DATABASE_URL/,
  );
});

test('any other error is a line that ends with a full stop', () => {
  expect(toStartErrorText(new Error('something broke\n  at nowhere'))).toBe('Something broke.');
  expect(toStartErrorText(failure('EWHAT'))).toBe('EWHAT.');
});
