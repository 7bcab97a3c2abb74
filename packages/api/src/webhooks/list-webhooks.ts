import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const listWebhooks: Handler<typeof contract.webhooks.list> = ({ ctx }) => ctx.workspaceDb.webhooks.list();
