// A data folder whose database cannot be opened: the service says why.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbedded } from '@errand/db/embedded';
import { expect, onTestFinished, test } from 'vitest';
import { unpackDataFolder } from '../fixtures/data-folder.ts';
import { startServer } from '../fixtures/server.ts';
import { overRest } from '../fixtures/transports.ts';
import { refusalOf } from './refusal-of.ts';

const CLUSTER = join('postgres', 'cluster');

test('of an older layout is reported as such; once it is moved away, a new database is created', async () => {
  const dataDir = unpackDataFolder('2026-11-25');
  const cluster = join(dataDir, CLUSTER);
  // The earlier layout had one login, with its password in this file.
  renameSync(join(cluster, 'passwords'), join(cluster, 'password'));
  const refusal = await refusalOf(startServer({ dataDir }));
  expect(refusal).toContain(
    `The database in ${cluster} was created by an older version of Errand, and this version cannot open it. To use its data, start that version; or move the folder ${cluster} away and start again: Errand then creates a new, empty database.`,
  );
  expect(refusal).not.toContain('may not write');
  // The data folder is unchanged.
  expect(readdirSync(cluster).sort()).toEqual(['data', 'password']);

  renameSync(cluster, join(dataDir, 'of-before'));
  const server = await startServer({ dataDir });
  onTestFinished(async () => void (await server.stop()));
  expect(await overRest(server).runs.list({})).toMatchObject({ runs: [] });
});

test('because its passwords are missing or damaged is said so', async () => {
  const dataDir = unpackDataFolder('2026-11-25');
  const passwords = join(dataDir, CLUSTER, 'passwords');
  const begin = readFileSync(passwords, 'utf8').slice(0, 10);
  const textOf = (fault: string) =>
    `The file ${passwords} is ${fault}. It contains the passwords of the database: restore it from a backup; or move the folder `;
  const spoil = (text: string) => {
    rmSync(passwords, { recursive: true, force: true });
    writeFileSync(passwords, text);
  };
  rmSync(passwords);
  expect(await refusalOf(startServer({ dataDir }))).toContain(textOf('missing'));
  spoil(begin);
  expect(await refusalOf(startServer({ dataDir }))).toContain(textOf('damaged'));

  // The other kinds of damage, by the function that the service calls.
  const open = () => refusalOf(startEmbedded({ dir: join(dataDir, 'postgres'), enterableParent: dataDir }));
  for (const text of ['', '{"owner":"x"}', 'null']) {
    spoil(text);
    expect(await open(), text).toContain(textOf('damaged'));
  }
  rmSync(passwords);
  mkdirSync(passwords);
  expect(await open()).toContain(textOf('damaged'));
});
