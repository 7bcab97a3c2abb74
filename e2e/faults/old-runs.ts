// Errands with run ids of old days: their rows are in partitions that the removal would drop if it did not look for open runs.
import type { Postgres } from './postgres.ts';

/** Days before now: the first old day, and the number of old days. All are older than the retention of runs. */
const FIRST_DAY = 40;
const DAYS = 20;
/** Errands in a row that share a day. */
const ERRANDS_OF_DAY = 4;

/** The name of the nth errand of old days. The database takes the day of its run from it. */
export const oldName = (name: string, n: number): string =>
  `${name}d${FIRST_DAY + (Math.floor(n / ERRANDS_OF_DAY) % DAYS)}`;

export const isOld = ({ name }: { name: string }): boolean => /^s\d+r\d+d\d+$/.test(name);

// The claim of an Idempotency-Key has the id of the run. A service that finds another id than its own makes the run with that id, as after
// the crash of an earlier request. 48 bits of a UUIDv7 are its time.
const IDS = `
CREATE SCHEMA faults;
CREATE FUNCTION faults.id_of_old_day() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  NEW.run_id := (left(errand_partitions.uuid_floor(now() - substring(NEW.key FROM '\\d+$')::int * interval '1 day')::text, 13)
    || '-7' || substr(gen_random_uuid()::text, 16))::uuid;
  RETURN NEW;
END
$$;
CREATE TRIGGER id_of_old_day BEFORE INSERT ON idempotency FOR EACH ROW WHEN (NEW.key ~ '^s\\d+r\\d+d\\d+$') EXECUTE FUNCTION faults.id_of_old_day();`;

/** Old errands get ids of their day from now on. */
export async function openOldDays(postgres: Postgres): Promise<void> {
  await postgres.query(IDS);
}
