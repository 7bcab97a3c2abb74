import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listIntegrations: Handler<typeof contract.integrations.list> = ({ input: { active }, ctx }) =>
  ctx.own.integrations.list(active === 'all' ? {} : { active });
