import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { detailsOf } from './to-action.ts';

export const getAction: Handler<typeof contract.actions.get> = ({ input, ctx }) => detailsOf(ctx, input.key);
