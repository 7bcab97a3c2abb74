import { describe, expect, it } from 'vitest';
import { layoutOf, NODE, neighborOf, pathOf } from './layout.ts';

const plan = layoutOf([
  { stepId: 'a', needs: [] },
  { stepId: 'b', needs: [{ stepId: 'a', label: 'id' }] },
  { stepId: 'c', needs: [{ stepId: 'a' }, { stepId: 'gone' }] },
  { stepId: 'd', needs: [{ stepId: 'b' }, { stepId: 'c' }] },
]);

describe('layoutOf', () => {
  it('puts each step to the right of those that it needs, without overlaps', () => {
    const at = (stepId: string) => plan.nodes.get(stepId)!;
    for (const { from, to } of plan.edges) expect(at(to).x).toBeGreaterThan(at(from).x + NODE.width);
    expect(Math.abs(at('b').y - at('c').y)).toBeGreaterThanOrEqual(NODE.height);
  });

  it('draws an edge for each need within the plan, and places labels', () => {
    expect(plan.edges.map(({ from, to }) => `${from}${to}`).sort()).toEqual(['ab', 'ac', 'bd', 'cd']);
    expect(plan.edges.filter(({ label }) => label).map(({ to }) => to)).toEqual(['b']);
  });

  it('lays out one step, and a hundred, with finite sizes', () => {
    const chain = Array.from({ length: 100 }, (_, index) => ({
      stepId: `s${index}`,
      needs: index > 0 ? [{ stepId: `s${index - 1}` }] : [],
    }));
    for (const steps of [chain.slice(0, 1), chain]) {
      const { width, height } = layoutOf(steps);
      expect(Number.isFinite(width) && Number.isFinite(height) && width > 0 && height > 0).toBe(true);
    }
  });
});

it('walks along edges to the sides, and up and down within a column', () => {
  const below = plan.nodes.get('b')!.y < plan.nodes.get('c')!.y ? 'ArrowDown' : 'ArrowUp';
  expect(neighborOf(plan, 'b', below)).toBe('c');
  expect(neighborOf(plan, 'd', 'ArrowRight')).toBeUndefined();
  expect(neighborOf(plan, 'b', 'ArrowLeft')).toBe('a');
  expect(['b', 'c']).toContain(neighborOf(plan, 'a', 'ArrowRight'));
  expect(neighborOf(plan, 'a', 'x')).toBeUndefined();
});

it('draws a path through its points', () => {
  expect(pathOf([])).toBe('');
  expect(
    pathOf([
      { x: 0, y: 0 },
      { x: 10, y: 4 },
    ]),
  ).toBe('M0 0 C5 0 5 4 10 4');
});
