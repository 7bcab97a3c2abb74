import type { Paging } from '../rest.ts';
import { amount, day, email, list, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

const GENDERS = ['girls', 'boys', 'mixed'];
export const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
export const POSITIONS = ['goalkeeper', 'defender', 'midfielder', 'forward'];
export const PLAYER_STATES = ['active', 'injured', 'trial', 'left'];
export const PLAYER_WORDS = 'Status of the player; trial: trains along to try it out; left: has left the club';
export const MATCH_STATES = ['scheduled', 'played', 'cancelled'];
export const VENUES = ['home', 'away'];
export const FEE_KINDS = ['membership', 'tournament', 'kit'];
export const FEE_STATES = ['open', 'paid', 'waived'];
export const TRAINING_STATES = ['planned', 'held', 'cancelled'];

export const paging: Paging = {
  query: [
    { name: 'cursor', schema: text('Where to go on: next_cursor of the page before') },
    { name: 'limit', schema: whole('Records per page', { minimum: 1, maximum: 100, default: 25 }) },
  ],
  answer: (item) =>
    object({
      'data!': list(item, 'Records on this page'),
      'next_cursor!': { type: ['string', 'null'], description: 'Cursor of the next page; null on the last page' },
    }),
  cut(rows, args) {
    const [from, size] = [Number(String(args.cursor ?? 'c0').slice(1)), Number(args.limit ?? 25)];
    const end = from + size;
    return { data: rows.slice(from, end), next_cursor: end < rows.length ? `c${end}` : null };
  },
};

const number = (description: string): Schema => ({ type: ['integer', 'null'], description });

export const GUARDIAN = object(
  { 'name!': text('Full name'), phone: text('Phone number'), email: email('E-mail address') },
  'Parent or guardian',
);

export const SCHEMAS: Record<string, Schema> = {
  Team: object({
    'id!': text('Team id'),
    'name!': text('Team name, e.g. U10 Girls'),
    'age_group!': whole('Age group, e.g. 10 for under 10'),
    'gender!': oneOf('Who plays in it', GENDERS),
    'training_day!': oneOf('Day of the weekly training', DAYS),
    'pitch!': text('Pitch on which it trains'),
    'coach_id!': text('Coach of the team'),
  }),
  Coach: object({
    'id!': text('Coach id'),
    'name!': text('Full name'),
    'email!': email('E-mail address'),
    phone: text('Phone number'),
    licence_valid_until: day('Last day on which the coaching licence is valid; missing if there is none'),
  }),
  Player: object({
    'id!': text('Player id'),
    'first_name!': text('First name'),
    'last_name!': text('Last name'),
    'born_on!': day('Date of birth'),
    'team_id!': text('Team'),
    position: oneOf('Position on the pitch, if there is one yet', POSITIONS),
    'status!': oneOf(PLAYER_WORDS, PLAYER_STATES),
    'shirt_number!': number('Shirt number; null without a shirt'),
    'guardian!': GUARDIAN,
  }),
  Match: object({
    'id!': text('Match id'),
    'team_id!': text('Team of the club'),
    'team_name!': text('Name of that team'),
    'opponent!': text('Club that it plays against'),
    'kickoff_at!': moment('When it begins'),
    'venue!': oneOf('Where it is played', VENUES),
    'status!': oneOf('Status of the match', MATCH_STATES),
    'goals_for!': number('Goals of our team; null until a result is recorded'),
    'goals_against!': number('Goals of the opponent; null until a result is recorded'),
  }),
  Fee: object({
    'id!': text('Fee id'),
    'player_id!': text('Player who owes it'),
    'player_name!': text('Name of the player'),
    'kind!': oneOf('What it is for', FEE_KINDS),
    'amount!': amount('Amount in euros'),
    'currency!': text('Currency, ISO 4217'),
    'due_on!': day('Day on which it is due'),
    'status!': oneOf('Status of the fee', FEE_STATES),
    'paid_on!': { type: ['string', 'null'], description: 'Day on which it was paid' },
  }),
  Training: object({
    'id!': text('Training id'),
    'team_id!': text('Team'),
    'team_name!': text('Name of the team'),
    'starts_at!': moment('When it begins'),
    'pitch!': text('Pitch'),
    'status!': oneOf('Status of the training', TRAINING_STATES),
  }),
  Message: object({
    'id!': text('Message id'),
    'team_id!': text('Team whose guardians get it'),
    'text!': text('Text of the message'),
    'sent_at!': moment('When it was sent'),
  }),
};
