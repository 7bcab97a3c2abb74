// The places of the steps of a plan, from left to right by what they need.
import { Graph, layout } from '@dagrejs/dagre';

export const NODE = { width: 208, height: 76 } as const;
/** The size of the label of an edge. */
export const LABEL = { width: 144, height: 18 } as const;

type Point = { x: number; y: number };
export type Edge = { from: string; to: string; points: readonly Point[]; label?: Point };
/** Points of nodes are their upper left corners. */
export type Layout = { width: number; height: number; nodes: ReadonlyMap<string, Point>; edges: readonly Edge[] };

export type LayoutStep = { stepId: string; needs: readonly { stepId: string; label?: string }[] };

/** The layout of a plan with at least one step. Needs outside of the plan have no edge. */
export function layoutOf(steps: readonly LayoutStep[]): Layout {
  const graph = new Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 24, ranksep: 32, marginx: 12, marginy: 12 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { stepId } of steps) graph.setNode(stepId, { ...NODE });
  for (const { stepId, needs } of steps)
    for (const need of needs)
      if (graph.hasNode(need.stepId) && need.stepId !== stepId)
        graph.setEdge(need.stepId, stepId, need.label === undefined ? {} : { ...LABEL, labelpos: 'c' });
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  return {
    width,
    height,
    nodes: cornersOf(graph),
    edges: graph.edges().map((edge: { v: string; w: string }) => edgeOf(graph, edge)),
  };
}

function cornersOf(graph: Graph): Map<string, Point> {
  return new Map(
    graph.nodes().map((stepId: string) => {
      const { x, y } = graph.node(stepId) as Point;
      return [stepId, { x: x - NODE.width / 2, y: y - NODE.height / 2 }];
    }),
  );
}

function edgeOf(graph: Graph, edge: { v: string; w: string }): Edge {
  const { points, width, x, y } = graph.edge(edge) as Point & { points: Point[]; width?: number };
  return { from: edge.v, to: edge.w, points, ...(width ? { label: { x, y } } : {}) };
}

/** A smooth path through points. */
export function pathOf([first, ...points]: readonly Point[]): string {
  if (!first) return '';
  let path = `M${first.x} ${first.y}`;
  let before = first;
  for (const point of points) {
    const middle = (before.x + point.x) / 2;
    path += ` C${middle} ${before.y} ${middle} ${point.y} ${point.x} ${point.y}`;
    before = point;
  }
  return path;
}

/** The nearest step in the direction of an arrow key: along an edge to the left and right, else up and down. */
export function neighborOf({ nodes, edges }: Layout, stepId: string, arrow: string): string | undefined {
  const from = nodes.get(stepId);
  if (!from) return undefined;
  const candidates =
    arrow === 'ArrowRight'
      ? edges.filter((edge) => edge.from === stepId).map(({ to }) => to)
      : arrow === 'ArrowLeft'
        ? edges.filter((edge) => edge.to === stepId).map((edge) => edge.from)
        : verticals(nodes, from, arrow);
  const distance = (id: string) => Math.hypot(nodes.get(id)!.x - from.x, nodes.get(id)!.y - from.y);
  return candidates.toSorted((a, b) => distance(a) - distance(b))[0];
}

function verticals(nodes: Layout['nodes'], from: Point, arrow: string): string[] {
  const sign = arrow === 'ArrowDown' ? 1 : arrow === 'ArrowUp' ? -1 : 0;
  return [...nodes]
    .filter(([, { x, y }]) => Math.abs(x - from.x) < NODE.width && (y - from.y) * sign > 0)
    .map(([id]) => id);
}
