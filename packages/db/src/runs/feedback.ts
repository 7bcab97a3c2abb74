import { type Feedback, problem } from '@errand/contracts';
import { v7 as uuid } from 'uuid';
import { Prisma } from '../generated/client.ts';
import { toFields } from '../statements/fields.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

export type FeedbackPatch = Partial<Pick<Feedback, 'rating' | 'comment' | 'metadata'>> & {
  source?: Feedback['feedbackSource'];
};

/** The feedback of users on runs. */
export function feedback({ prisma, workspaceId }: WorkspaceScope) {
  const keyOf = (runId: string) => ({ workspaceId_runId: { workspaceId, runId } });
  return {
    async get(runId: string): Promise<Feedback | null> {
      const row = await prisma.feedback.findFirst({ where: { workspaceId, runId } });
      return row && toFeedback(row);
    },

    /** Returns null if the run does not exist. @throws ProblemError validation_failed if the first feedback has no rating */
    async put(runId: string, patch: FeedbackPatch): Promise<Feedback | null> {
      const { rating, ...rest } = patch;
      try {
        if (rating) {
          const create = { workspaceId, runId, feedbackId: uuid(), rating, ...rest };
          return toFeedback(await prisma.feedback.upsert({ where: keyOf(runId), create, update: patch }));
        }
        return toFeedback(await prisma.feedback.update({ where: keyOf(runId), data: rest }));
      } catch (error) {
        if (!(error instanceof Prisma.PrismaClientKnownRequestError)) throw error;
        if (error.code === 'P2003') return null; // no such run
        if (error.code !== 'P2025') throw error; // nothing to update: no feedback yet, or no such run
      }
      const runs = await prisma.run.count({ where: { workspaceId, runId } });
      if (runs === 0) return null;
      throw problem('validation_failed', 'The run has no feedback yet: give a rating.', {
        errors: [{ pointer: '/rating', message: 'Required for the first feedback on a run.' }],
      });
    },
  };
}

const toFeedback = ({ feedbackId: id, source, workspaceId: _, ...row }: Prisma.FeedbackGetPayload<object>) =>
  toFields<Feedback>({ ...row, id, feedbackSource: source });
