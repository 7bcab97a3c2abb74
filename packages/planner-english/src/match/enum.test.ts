// Which member of an enumeration some words mean.
import { describe, expect, it } from 'vitest';
import { terms } from '../lexicon/words.ts';
import { shapeOf } from '../tools/shape.ts';
import { enumOf } from './enum.ts';
import { renderPlain } from './render.ts';

const CODES = 'O = open, W = waiting for parts, R = ready for collection, C = collected';

describe('a member', () => {
  it.each<[string, string[], string, string | undefined]>([
    ['open', ['open', 'closed'], '', 'open'],
    ['is unpaid', ['open', 'paid'], '', 'open'],
    ['in progress', ['in_progress', 'done'], '', 'in_progress'],
    ['call', ['voice_call', 'email'], '', 'voice_call'],
    ['waiting for parts', ['O', 'W', 'R', 'C'], CODES, 'W'],
    ['ready', ['O', 'W', 'R', 'C'], CODES, 'R'],
    ['collected', ['O', 'W', 'R', 'C'], CODES, 'C'],
    ['text message', ['sms', 'email'], 'sms for a text message to the phone, email for an e-mail', 'sms'],
    ['purple', ['open', 'closed'], '', undefined],
  ])('%s of %j', (said, members, description, value) => {
    expect(enumOf(shapeOf({ type: 'string', enum: members, description }, {}), terms(said))?.value).toBe(value);
  });
});

it('takes a name for no member that is only a part of it', () => {
  const shape = shapeOf({ type: 'string', enum: ['research', 'education'] }, {});
  const named = (text: string) => renderPlain({ text } as never, { shape });
  expect([named('Alpine Research Station'), named('research'), named('Research')]).toEqual([
    undefined,
    'research',
    'research',
  ]);
});
