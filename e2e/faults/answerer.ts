import type { Choice } from '@errand/contracts';
import { ask, httpUrl, recorded } from './clients.ts';
import { Person } from './person.ts';
import { seeded } from './random.ts';

/**
 * Answers the questions of runs, at the event or later. Some are never answered, some are closed without an answer, and sometimes two
 * people answer differently at once.
 */
export class Answerer extends Person {
  protected readonly kind = 'question';

  protected async answer(requestId: string, choices: readonly Choice[]): Promise<void> {
    const random = seeded(this.seed, 'answer', requestId);
    // This person considers each question once, unless the answer was lost.
    if (!random.chance(0.9)) return;
    const replies: (Choice['value'] | null)[] = random.chance(0.1) ? [null] : [random.pick(choices).value];
    if (!this.seen.has(requestId) && random.chance(0.3)) replies.push(random.pick(choices).value);
    this.seen.add(requestId);
    if (this.together) replies.splice(0, replies.length, ...choices.map(({ value }) => value));
    await Promise.all(replies.map((answer) => this.#say(requestId, answer)));
  }

  #say(requestId: string, answer: Choice['value'] | null) {
    const request = { method: 'POST', path: `/v1/questions/${requestId}`, body: { answer } };
    const attempt = { operation: 'answer' as const, subject: requestId, choice: String(answer) };
    const url = httpUrl(this.cluster, seeded(this.seed, 'where', requestId, String(answer)));
    return recorded(this.history, attempt, () => ask(this.cluster, url, request));
  }
}
