import { atLeast, atMost, contains, find, type Operation, type Row, same, service } from '../kit.ts';
import { adds, changes, gets, lists, type Thing } from '../rest.ts';
import { day, email, moment, object, oneOf, text, whole } from '../schemas.ts';
import { seed } from './data.ts';
import {
  DAYS,
  FEE_KINDS,
  FEE_STATES,
  GUARDIAN,
  MATCH_STATES,
  PLAYER_STATES,
  PLAYER_WORDS,
  POSITIONS,
  paging,
  SCHEMAS,
  TRAINING_STATES,
  VENUES,
} from './document.ts';

const NOW = '2026-11-25T09:00:00Z';

const TEAM: Thing = ['teams', 'team_id', 'Team'];
const COACH: Thing = ['coachs', 'coach_id', 'Coach'];
const PLAYER: Thing = ['players', 'player_id', 'Player'];
const MATCH: Thing = ['matches', 'match_id', 'Match'];
const FEE: Thing = ['fees', 'fee_id', 'Fee'];

const ofTeam = (what: string) => same('team_id', text(`Only ${what} of this team`));

/** What is added for a team bears the team's name. */
const named = (operation: Operation): Operation => ({
  ...operation,
  run(call) {
    const row = operation.run(call) as Row;
    return Object.assign(row, { team_name: find(call.tables.teams, row.team_id).name });
  },
});

const operations: Operation[] = [
  lists(['list_teams', '/teams', 'List the youth teams'], ['teams', 'Team'], { paging }),
  gets(['get_team', '/teams/{team_id}', 'Retrieve a team'], TEAM),
  changes(['update_team', '/teams/{team_id}', 'Change the coach or the training of a team'], TEAM, {
    method: 'patch',
    body: object({
      training_day: oneOf('Day of the weekly training', DAYS),
      pitch: text('Pitch on which it trains'),
      coach_id: text('Coach of the team'),
    }),
  }),
  {
    ...adds(
      ['message_guardians', '/teams/{team_id}/messages', 'Send a message to the guardians of a team'],
      ['messages', 'Message'],
      { body: object({ 'text!': text('Text of the message') }), within: 'team_id', set: { sent_at: NOW } },
    ),
    description: 'The message goes to the guardians of all players of the team by e-mail.',
  },
  lists(['list_coaches', '/coaches', 'List the coaches'], ['coachs', 'Coach'], { paging }),
  gets(['get_coach', '/coaches/{coach_id}', 'Retrieve a coach'], COACH),
  changes(['update_coach', '/coaches/{coach_id}', 'Change a coach'], COACH, {
    method: 'patch',
    body: object({
      email: email('E-mail address'),
      phone: text('Phone number'),
      licence_valid_until: day('Last day on which the coaching licence is valid'),
    }),
  }),
  lists(['list_players', '/players', 'List players'], ['players', 'Player'], {
    paging,
    filters: [
      ofTeam('players'),
      contains('search', text('Only players whose first or last name contains this'), 'first_name', 'last_name'),
      same('status', oneOf('Only players with this status', PLAYER_STATES)),
      same('position', oneOf('Only players in this position', POSITIONS)),
      atLeast('born_from', day('Only players born on this day or later'), 'born_on'),
      atMost('born_to', day('Only players born on this day or earlier'), 'born_on'),
    ],
  }),
  gets(['get_player', '/players/{player_id}', 'Retrieve a player'], PLAYER),
  adds(['create_player', '/players', 'Register a player'], ['players', 'Player'], {
    body: object({
      'first_name!': text('First name'),
      'last_name!': text('Last name'),
      'born_on!': day('Date of birth'),
      'team_id!': text('Team'),
      position: oneOf('Position on the pitch', POSITIONS),
      status: oneOf('Status; active if left out', PLAYER_STATES),
      'guardian!': GUARDIAN,
    }),
    set: { status: 'active', shirt_number: null },
  }),
  changes(['update_player', '/players/{player_id}', 'Change a player'], PLAYER, {
    method: 'patch',
    body: object({
      team_id: text('Team'),
      position: oneOf('Position on the pitch', POSITIONS),
      status: oneOf(PLAYER_WORDS, PLAYER_STATES),
      shirt_number: whole('Shirt number', { minimum: 1, maximum: 99 }),
    }),
  }),
  lists(['list_matches', '/matches', 'List matches in the order of their kick-off'], ['matches', 'Match'], {
    paging,
    filters: [
      ofTeam('matches'),
      same('status', oneOf('Only matches with this status', MATCH_STATES)),
      same('venue', oneOf('Only matches played there', VENUES)),
      atLeast('from', day('Only matches on this day or later'), 'kickoff_at'),
      atMost('to', day('Only matches on this day or earlier'), 'kickoff_at'),
    ],
  }),
  named(
    adds(['create_match', '/matches', 'Schedule a match'], ['matches', 'Match'], {
      body: object({
        'team_id!': text('Team of the club'),
        'opponent!': text('Club that it plays against'),
        'kickoff_at!': moment('When it begins'),
        'venue!': oneOf('Where it is played', VENUES),
      }),
      set: { status: 'scheduled', goals_for: null, goals_against: null },
    }),
  ),
  changes(['record_result', '/matches/{match_id}/result', 'Record the result of a match'], MATCH, {
    method: 'put',
    body: object({
      'goals_for!': whole('Goals of our team', { minimum: 0 }),
      'goals_against!': whole('Goals of the opponent', { minimum: 0 }),
    }),
    set: { status: 'played' },
    only: ['scheduled', 'played'],
  }),
  changes(['cancel_match', '/matches/{match_id}/cancel', 'Cancel a scheduled match'], MATCH, {
    set: { status: 'cancelled' },
    only: ['scheduled'],
  }),
  lists(['list_fees', '/fees', 'List the fees of players'], ['fees', 'Fee'], {
    paging,
    filters: [
      same('player_id', text('Only fees of this player')),
      same('status', oneOf('Only fees with this status', FEE_STATES)),
      same('kind', oneOf('Only fees of this kind', FEE_KINDS)),
      atMost('due_to', day('Only fees due on this day or earlier'), 'due_on'),
    ],
  }),
  changes(['mark_fee_paid', '/fees/{fee_id}/pay', 'Mark a fee as paid'], FEE, {
    set: { status: 'paid', paid_on: NOW.slice(0, 10) },
    only: ['open'],
  }),
  changes(['waive_fee', '/fees/{fee_id}/waive', 'Waive an open fee, so that it need not be paid'], FEE, {
    set: { status: 'waived' },
    only: ['open'],
  }),
  lists(['list_trainings', '/trainings', 'List trainings in the order of their start'], ['trainings', 'Training'], {
    paging,
    filters: [
      ofTeam('trainings'),
      same('status', oneOf('Only trainings with this status', TRAINING_STATES)),
      atLeast('from', day('Only trainings on this day or later'), 'starts_at'),
      atMost('to', day('Only trainings on this day or earlier'), 'starts_at'),
    ],
  }),
  named(
    adds(['create_training', '/trainings', 'Plan an additional training'], ['trainings', 'Training'], {
      body: object({ 'team_id!': text('Team'), 'starts_at!': moment('When it begins'), 'pitch!': text('Pitch') }),
      set: { status: 'planned' },
    }),
  ),
  changes(
    ['cancel_training', '/trainings/{training_id}/cancel', 'Cancel a planned training'],
    ['trainings', 'training_id', 'Training'],
    { set: { status: 'cancelled' }, only: ['planned'] },
  ),
];

/** The youth teams of a sports club: players, coaches, matches, fees and trainings; cursor pages and snake_case. */
export const SERVICE = service({
  id: 'touchline',
  name: 'Touchline',
  description: 'API for the youth teams of a football club. Amounts are in euros. Times are UTC.',
  pathWords: {
    team_id: 'Team id',
    coach_id: 'Coach id',
    player_id: 'Player id',
    match_id: 'Match id',
    fee_id: 'Fee id',
    training_id: 'Training id',
  },
  schemas: SCHEMAS,
  operations,
  seed,
});
