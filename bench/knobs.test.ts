import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { measureKnobs } from './knobs.ts';

const groups = {
  pkce: ['pkce_off'],
  variables: ['typed'],
  headers: ['static'],
  token: ['json'],
  scopeSeparator: ['comma'],
  rename: ['code', 'odd_url'],
  placement: ['placed'],
  answer: ['nested'],
  clientAuthentication: ['as_user'],
  exchange: ['exchanged'],
};

it('counts the providers whose needs the fields of the contract serve, and prints the others', () => {
  const folder = mkdtempSync(join(tmpdir(), 'knobs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'needs.json');
  const served = Object.fromEntries(Object.values(groups).map(([need]) => [need!, [need!]]));
  const needs = { ...served, nothing: [], url: ['odd_url'], code: ['code', 'own'], unheard: ['magic'] };
  writeFileSync(file, JSON.stringify({ needs, knobGroups: { ...groups, unheardOf: ['magic'] } }));
  const lines: object[] = [];
  expect(measureKnobs(file, (line) => lines.push(line))).toMatchObject({
    covered: 10,
    total: 13,
    text: 'covered 10 of 13',
    unserved: ['unheardOf'],
  });
  expect(lines).toEqual([
    { provider: 'code', missing: ['own'] },
    { provider: 'url', missing: ['odd_url'] },
    { provider: 'unheard', missing: ['magic'] },
  ]);
});
