import type { RunStatus } from '@errand/contracts';
import type { Paint, View } from './view.ts';

type Mark = readonly [symbol: string, color: 'green' | 'yellow' | 'red' | 'cyan' | 'dim'];

const runMarks: Readonly<Record<RunStatus, Mark>> = {
  QUEUED: ['○', 'dim'],
  RUNNING: ['●', 'cyan'],
  AUTH_REQUIRED: ['◐', 'yellow'],
  PAUSED: ['◐', 'yellow'],
  SUCCESS: ['✓', 'green'],
  PARTIAL_SUCCESS: ['✓', 'yellow'],
  NO_SUCCESS: ['○', 'yellow'],
  FAILED: ['✗', 'red'],
  CANCELED: ['–', 'dim'],
};
const unknown: Mark = ['?', 'dim'];

export const runMark = (status: RunStatus): string => (runMarks[status] ?? unknown)[0];
export const runPaint = (status: RunStatus, { colors }: View): Paint => colors[(runMarks[status] ?? unknown)[1]];

const stepMarks: Readonly<Record<string, Mark>> = {
  waiting: ['◐', 'yellow'],
  done: ['✓', 'green'],
  failed: ['✗', 'red'],
  denied: ['–', 'yellow'],
  skipped: ['○', 'dim'],
  blocked: ['–', 'dim'],
};

export const stepMark = (state: string | undefined, { colors }: View): string => {
  const [symbol, color] = stepMarks[state ?? 'done'] ?? unknown;
  return colors[color](symbol);
};
