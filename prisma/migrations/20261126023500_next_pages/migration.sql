-- Query parameters of the next page, where a service links to it in a header: a run that goes on after a crash reads on from there.
ALTER TABLE ledger ADD COLUMN link json;
