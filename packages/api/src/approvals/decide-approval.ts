import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { decideOne } from './decide-one.ts';

export const decideApproval: Handler<typeof contract.approvals.decide> = ({ input, ctx }) => decideOne(ctx, input);
