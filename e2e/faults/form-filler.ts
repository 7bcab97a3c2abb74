import { setTimeout as sleep } from 'node:timers/promises';
import type { InputAnswer } from '@errand/contracts';
import { ask, httpUrl, recorded } from './clients.ts';
import { Person } from './person.ts';
import { type Random, seeded } from './random.ts';
import { sides } from './third-party-mcp.ts';

/**
 * Answers requests of services during calls, at the event or later: accepts, declines or cancels. Some answers come twice, some together
 * with a contrary one, and some never.
 */
export class FormFiller extends Person {
  protected readonly kind = 'input';

  protected async answer(requestId: string): Promise<void> {
    const random = seeded(this.seed, 'input', requestId);
    // This person considers each request once, unless the answer was lost.
    if (!random.chance(0.9)) return;
    const answers: InputAnswer[] = [
      random.chance(0.15) ? { action: random.pick(['decline', 'cancel']) } : entered(random),
    ];
    const isFirst = !this.seen.has(requestId);
    this.seen.add(requestId);
    if (isFirst && random.chance(0.3)) answers.push(random.chance(0.5) ? answers[0]! : entered(random));
    if (this.together) answers.splice(0, answers.length, ...sides.map((side) => accept(side)));
    await Promise.all(answers.map((answer) => this.#say(requestId, answer)));
    // A late answer.
    if (!isFirst || !random.chance(0.2)) return;
    await sleep(random.int(500, 3000));
    await this.#say(requestId, random.chance(0.5) ? entered(random) : { action: 'decline' });
  }

  #say(requestId: string, answer: InputAnswer) {
    const request = { method: 'POST', path: `/v1/inputs/${requestId}`, body: answer };
    const choice = JSON.stringify(answer);
    const url = httpUrl(this.cluster, seeded(this.seed, 'where', requestId, choice));
    return recorded(this.history, { operation: 'input', subject: requestId, choice }, () =>
      ask(this.cluster, url, request),
    );
  }
}

const accept = (side: string): InputAnswer => ({ action: 'accept', content: { side } });
const entered = (random: Random): InputAnswer => accept(random.pick(sides));
