import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { debianOf } from '../../scripts/image/base.mjs';
import { aFolder } from '../fixtures/program.ts';

function aMachine(files: Record<string, string>) {
  const root = aFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const { suite, sources } = debianOf(root);
  return { suite, sources: sources.map((path) => path.slice(root.length + 1)) };
}

test('the base is made from the mirrors of a Debian, and from no folder of its disk', () => {
  const machine = aMachine({
    'etc/os-release': 'ID=debian\nVERSION_CODENAME=bookworm\n',
    'etc/apt/sources.list': 'deb [trusted=yes] http://mirror.invalid/debian bookworm main\n',
    'etc/apt/sources.list.d/debian.sources': 'Types: deb\nURIs: https://mirror.invalid/debian\n',
    'etc/apt/sources.list.d/own.sources': 'Types: deb\nURIs: file:/srv/packages\n',
    'etc/apt/sources.list.d/off.list': '# deb http://off.invalid/debian bookworm main\n',
  });
  expect(machine).toEqual({
    suite: 'bookworm',
    sources: ['etc/apt/sources.list', 'etc/apt/sources.list.d/debian.sources'],
  });
});

test.each([
  [
    'another distribution',
    { 'etc/os-release': 'ID=ubuntu\nVERSION_CODENAME=noble\n', 'etc/apt/sources.list': 'deb http://a.invalid b c' },
  ],
  ['a machine without files', {}],
])('%s uses the default release and mirror', (_, files) => {
  expect(aMachine(files as Record<string, string>)).toEqual({ suite: 'trixie', sources: [] });
});
