-- Where the browser goes after a consent that a run asks for. A nullable column rewrites no table.
ALTER TABLE run ADD COLUMN redirect_uri text;
