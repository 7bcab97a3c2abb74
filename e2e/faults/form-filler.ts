import { setTimeout as sleep } from 'node:timers/promises';
import type { InputAnswer } from '@errand/contracts';
import { ask, httpUrl, recorded } from './clients.ts';
import { Person } from './person.ts';
import { type Random, seeded } from './random.ts';
import { sides } from './third-party-mcp.ts';

/**
 * Answers what services ask in the middle of calls: at the event or later; with what is entered, or declining, or putting it aside; some
 * twice in the same way, some at once with somebody who says otherwise, and some never.
 */
export class FormFiller extends Person {
  protected readonly kind = 'input';

  protected async answer(requestId: string): Promise<void> {
    const random = seeded(this.seed, 'input', requestId);
    // Each is considered once by this person, unless the answer got lost.
    if (!random.chance(0.9)) return;
    const answers: InputAnswer[] = [
      random.chance(0.15) ? { action: random.pick(['decline', 'cancel']) } : entered(random),
    ];
    const isFirst = !this.seen.has(requestId);
    this.seen.add(requestId);
    if (isFirst && random.chance(0.3)) answers.push(random.chance(0.5) ? answers[0]! : entered(random));
    if (this.together) answers.splice(0, answers.length, ...sides.map((side) => accept(side)));
    await Promise.all(answers.map((answer) => this.#say(requestId, answer)));
    // Somebody comes long after.
    if (!isFirst || !random.chance(0.2)) return;
    await sleep(random.int(500, 3000));
    await this.#say(requestId, random.chance(0.5) ? entered(random) : { action: 'decline' });
  }

  #say(requestId: string, answer: InputAnswer) {
    const request = { method: 'POST', path: `/v1/inputs/${requestId}`, body: answer };
    const wanted = JSON.stringify(answer);
    const url = httpUrl(this.cluster, seeded(this.seed, 'where', requestId, wanted));
    return recorded(this.history, { operation: 'input', subject: requestId, wanted }, () =>
      ask(this.cluster, url, request),
    );
  }
}

const accept = (side: string): InputAnswer => ({ action: 'accept', content: { side } });
const entered = (random: Random): InputAnswer => accept(random.pick(sides));
