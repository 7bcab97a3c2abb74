import { day, email, moment, object, oneOf, type Schema, text, whole } from '../schemas.ts';

export const PATH_WORDS = {
  apiary_id: 'Id of the apiary, e.g. ap_04',
  keeper_id: 'Id of the beekeeper, e.g. kp_07',
  hive_id: 'Id of the hive, e.g. hv_012',
  queen_id: 'Id of the queen, e.g. qn_012',
  harvest_id: 'Id of the harvest, e.g. hr_044',
  treatment_id: 'Id of the treatment, e.g. tr_021',
  sale_id: 'Id of the sale, e.g. sl_0042',
  swarm_id: 'Id of the swarm report, e.g. sw_025',
};

export const HIVE_STATES = ['strong', 'weak', 'queenless', 'empty'];
export const HONEYS = ['heather', 'lime', 'rape', 'forest'];
export const TEMPERS = ['calm', 'nervous', 'aggressive'];
export const SALE_STATES = ['ordered', 'packed', 'delivered', 'refunded'];
export const SWARM_STATES = ['open', 'assigned', 'collected', 'gone'];
export const ROLES = ['keeper', 'apprentice', 'inspector'];
export const MARKS = ['blue', 'white', 'yellow', 'none'];

const hiveId = text('Hive');

export const SCHEMAS: Record<string, Schema> = {
  Keeper: object({
    'id!': text('Id of the beekeeper'),
    'name!': text('Full name'),
    'email!': email('Email address'),
    'phone!': text('Phone number'),
    'role!': oneOf('Role in the association', ROLES),
  }),
  Apiary: object({
    'id!': text('Id of the apiary'),
    'name!': text('Name of the place'),
    'keeper_id!': text('Beekeeper who looks after it'),
    'town!': text('Town'),
    'altitude_m!': whole('Altitude in metres'),
  }),
  Hive: object({
    'id!': text('Id of the hive'),
    'name!': text('Name painted on the hive'),
    'apiary_id!': text('Apiary it stands in'),
    'status!': oneOf('State of the colony', HIVE_STATES),
    'boxes!': whole('Number of boxes'),
    'installed_on!': day('Day it was set up'),
  }),
  Queen: object({
    'id!': text('Id of the queen'),
    'hive_id!': hiveId,
    'breed!': text('Breed'),
    'born_year!': whole('Year of birth'),
    'marked!': oneOf('Colour of the mark', MARKS),
  }),
  Harvest: object({
    'id!': text('Id of the harvest'),
    'hive_id!': hiveId,
    'honey!': oneOf('Kind of honey', HONEYS),
    'weight_grams!': whole('Weight in grams'),
    'harvested_on!': day('Day of the harvest'),
  }),
  Inspection: object({
    'id!': text('Id of the inspection'),
    'hive_id!': hiveId,
    'keeper_id!': text('Beekeeper who looked into the hive'),
    'inspected_at!': moment('When'),
    'mites!': whole('Varroa mites that were counted'),
    'temper!': oneOf('Temper of the bees', TEMPERS),
    'remarks!': text('Remarks'),
  }),
  Treatment: object({
    'id!': text('Id of the treatment'),
    'hive_id!': hiveId,
    'product!': text('What is given'),
    'dose_ml!': whole('Dose in millilitres'),
    'started_on!': day('First day'),
    'ended_on!': { type: ['string', 'null'], format: 'date', description: 'Last day' },
    'status!': oneOf('State of the treatment', ['running', 'ended']),
  }),
  Sale: object({
    'id!': text('Id of the sale'),
    'customer!': text('Name of the customer'),
    'jars!': whole('Number of jars'),
    'jar_grams!': whole('Size of a jar in grams'),
    'total_cents!': whole('Total in euro cents'),
    'ordered_on!': day('Day of the order'),
    'status!': oneOf('State of the sale', SALE_STATES),
  }),
  Swarm: object({
    'id!': text('Id of the report'),
    'place!': text('Where the swarm hangs'),
    'reported_at!': moment('When it was reported'),
    'status!': oneOf('State of the report', SWARM_STATES),
    'keeper_id!': { type: ['string', 'null'], description: 'Beekeeper who fetches it' },
  }),
};
