import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { acceptRun } from './accept-run.ts';

export const createRun: Handler<typeof contract.runs.create> = ({ input, ctx, signal, reply }) =>
  acceptRun({ ctx, signal, reply }, { operation: 'runs.create', input, run: async () => ({ input }) });
