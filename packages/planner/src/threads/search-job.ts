import { problem, type ToolSource } from '@errand/contracts';
import { type Cause, Job } from './job.ts';
import type { CrossingSearch, JobAnswer, ToolHit } from './protocol.ts';

export type SearchRequest = CrossingSearch & { tools: ToolSource; signal: AbortSignal };

export class SearchJob extends Job<ToolHit[]> {
  readonly kind = 'search';
  readonly text: string;

  constructor({ tools, signal, text, limit }: SearchRequest) {
    super(tools, signal);
    this.text = JSON.stringify({ text, limit } satisfies CrossingSearch);
  }

  answer(): Promise<JobAnswer> {
    throw new Error('A search asked something of the service.');
  }

  giveUp(why: string, cause: Cause): void {
    const remedy = cause === 'request' ? 'Shorten the text, or name fewer integrations.' : 'Name fewer integrations.';
    this.fail(problem('unavailable', `The search ${why}. ${remedy}`));
  }

  refuse(reason: string): void {
    this.fail(problem('validation_failed', reason));
  }
}
