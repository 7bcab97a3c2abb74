import { type CreateIntegrationInput, type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { refuseIntegration } from '../not-supported.ts';
import { register } from './register.ts';

/** Reads the document of a service and makes a tool of each of its operations. */
export const createIntegration: Handler<typeof contract.integrations.create> = async ({ input, ctx, signal }) => {
  refuseIntegration(input);
  const { workspaceId } = ctx.principal;
  const made = await register(ctx.deps, workspaceId, ctx.own, { ...input, source: sourceOf(input) }, signal);
  ctx.deps.changed(workspaceId);
  return made;
};

function sourceOf({ document, url }: CreateIntegrationInput): { document: string } | { url: string } {
  if (document !== undefined && url === undefined) return { document };
  if (url !== undefined && document === undefined) return { url };
  throw problem('validation_failed', 'Give either document or url: the OpenAPI document itself, or where it is.', {
    errors: [{ pointer: '/document', message: 'Give either document or url.' }],
  });
}
