import { type Claim, readDecisionRequests, takeAnswers } from '@errand/db';
import type { DecisionRequests } from '../decisions/ask/requests.ts';
import { toDraft } from '../events/frame.ts';
import { type ActivationWriter, LeaseLost } from '../events/writer.ts';
import type { WritingScope } from '../model/transition.ts';

type Waiting = { writer: ActivationWriter; requests: DecisionRequests };

/** Releases a run that waits for humans. @returns false when one of them has decided meanwhile */
export function suspend({ writer, requests }: Waiting): Promise<boolean> {
  const { to, reason } = requests.state();
  return writer.suspend({ to, events: [toDraft(to, { type: 'status', reason })], suspend: requests.expiresAt });
}

/** Reads what humans have decided. @throws LeaseLost */
export async function learnDecisions(scope: WritingScope, claim: Claim, requests: DecisionRequests): Promise<void> {
  const { runId, epoch } = claim.run;
  if (!(await takeAnswers(scope, runId, epoch))) throw new LeaseLost('The run has moved on.');
  requests.learn(await readDecisionRequests(scope, runId));
}

/** Releases a run of which nothing else goes on. @returns false when a human has decided meanwhile: the decision is known then */
export async function rest(scope: WritingScope, claim: Claim, waiting: Waiting): Promise<boolean> {
  await waiting.writer.flush();
  if (await suspend(waiting)) return true;
  await learnDecisions(scope, claim, waiting.requests);
  return false;
}
