-- What the owner says that a tool does, read or write, where that differs from what its source says. It holds until the tool changes.
ALTER TABLE tool ADD COLUMN owner_effect text;
