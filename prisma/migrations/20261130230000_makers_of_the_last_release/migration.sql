-- Release 0.2.0 writes the id of a key alone. It may run beside this one during a deploy, and its schedules would count as without a maker.
CREATE FUNCTION name_maker_of_schedule() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
  NEW.made_by := 'api_key:' || NEW.made_by;
  RETURN NEW;
END $$;
CREATE TRIGGER schedule_maker_named BEFORE INSERT OR UPDATE OF made_by ON schedule FOR EACH ROW WHEN (NEW.made_by NOT LIKE '%:%')
  EXECUTE FUNCTION name_maker_of_schedule();
UPDATE schedule SET made_by = made_by WHERE made_by NOT LIKE '%:%';
