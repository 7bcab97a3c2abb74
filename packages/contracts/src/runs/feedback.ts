// Ratings of runs.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { doc, oneOf, optionalInputText, optionalNonEmptyText } from '../base/fields.ts';
import { RunId, Timestamp } from '../base/scalars.ts';

export const FeedbackSource = z
  .strictObject({
    type: oneOf(['user', 'evaluator', 'api'], 'The kind of rater.', 'user'),
    userId: optionalNonEmptyText(255, 'The user who rates.', 'user-123'),
    metadata: z
      .strictObject({
        device: optionalNonEmptyText(200, 'Device.', 'laptop'),
        platform: optionalNonEmptyText(200, 'Platform.', 'web'),
        version: optionalNonEmptyText(200, 'Version of it.', '17.2'),
        sessionId: optionalNonEmptyText(200, 'Session.', 's-1'),
        userAgent: optionalNonEmptyText(1000, 'User agent.', 'Mozilla/5.0'),
      })
      .optional()
      .meta({ description: 'Where the rating was given.' }),
  })
  .meta({ id: 'FeedbackSource', description: 'The source of a rating.' });

export const FeedbackMetadata = z
  .strictObject({
    version: optionalNonEmptyText(200, 'Version of your product.', '1.4.0'),
    sessionId: optionalNonEmptyText(200, 'Session.', 's-1'),
    experimentId: optionalNonEmptyText(200, 'Experiment.', 'exp-7'),
    environment: optionalNonEmptyText(200, 'Environment.', 'production'),
    clientVersion: optionalNonEmptyText(200, 'Version of the client.', '2.0.1'),
  })
  .meta({ id: 'FeedbackMetadata', description: 'The environment of the rating.' });

const Rating = oneOf(['positive', 'negative'], 'Good or bad.', 'positive');

export const PutFeedbackInput = z
  .strictObject({
    runId: RunId,
    rating: Rating.optional().meta(doc('Required when the run has no feedback yet.', 'positive')),
    comment: optionalInputText(10_000, 'In words.', 'Exactly what I asked for.'),
    source: FeedbackSource.optional(),
    metadata: FeedbackMetadata.optional(),
  })
  .meta({ id: 'PutFeedback', description: 'A rating. Omitted fields stay unchanged.' });

export const Feedback = z
  .object({
    id: z.guid().meta(doc('Its id.', '0192f0c1-7a43-7c26-8e33-4f80a0bd2e06')),
    runId: RunId,
    rating: Rating,
    comment: z.string().optional().meta({ description: 'In words.' }),
    feedbackSource: FeedbackSource.optional(),
    metadata: FeedbackMetadata.optional(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  })
  .meta({ id: 'Feedback', description: 'The feedback for a run.' });
export type Feedback = z.infer<typeof Feedback>;

export const feedback = withTag('Feedback', {
  get: query({
    input: z.strictObject({ runId: RunId }),
    output: Feedback.nullable(),
    scope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/feedback/run/{runId}',
      summary: 'Get the feedback of a run',
      success: 'The feedback, or null.',
      description: 'Null if the run has no feedback.',
    },
  }),
  put: mutation({
    input: PutFeedbackInput,
    output: Feedback,
    scope: 'runs:write',
    errors: codes('not_found'),
    http: {
      route: 'PUT /v1/feedback/run/{runId}',
      summary: 'Rate a run',
      success: 'The changed feedback.',
      description:
        'Stores the rating of a user, an evaluator or a program. Omitted fields stay unchanged. A key without runs:read gets the rating and the fields that it sent.',
    },
  }),
});
