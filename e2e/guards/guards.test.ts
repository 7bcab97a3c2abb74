import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plants } from './plants.ts';
import { innocentFiles, wallPlants } from './wall-plants.ts';
import { check, makeWorkspace, removeWorkspace } from './workspace.ts';

const all = [...plants, ...wallPlants];
const guards = [...new Set(all.map(({ guard }) => guard))];
const planted = Object.assign({}, ...all.map(({ files }) => files));

let roots: string[];
let clean: Awaited<ReturnType<typeof check>>;
let faulty: Awaited<ReturnType<typeof check>>;

beforeAll(async () => {
  roots = [makeWorkspace({}), makeWorkspace({ ...planted, ...innocentFiles })];
  [clean, faulty] = (await Promise.all(roots.map((root) => check(root, guards)))) as [typeof clean, typeof faulty];
});
afterAll(() => roots.forEach(removeWorkspace));

/** What one guard printed: its line and the indented ones below. */
function section(output: string, guard: string): string {
  const from = output.search(new RegExp(`^${guard} `, 'm'));
  return from < 0 ? '' : (/^.*\n(?: .*\n|\n)*/.exec(output.slice(from))?.[0] ?? '');
}

describe('the guards', () => {
  it('let a project pass that obeys every rule', () => {
    expect(clean.output).toMatch(/\ncheck: ok\n$/);
    expect(clean.code).toBe(0);
  });

  it('fail as a whole when there are faults', () => {
    expect(faulty.output).toMatch(new RegExp(`\ncheck: ${guards.length} failed\n$`));
    expect(faulty.code).toBe(1);
  });

  it.each(all)('see $what', ({ guard, says }) => {
    expect(section(faulty.output, guard)).toMatch(says);
  });

  it('do not see faults where there are none', () => {
    const walls = ['environment', 'outbound', 'status'].map((guard) => section(faulty.output, guard)).join('');
    expect(walls).not.toContain('innocent.ts');
  });
});
