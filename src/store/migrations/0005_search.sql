-- What findings are looked for by. The next audit of a target fills it; until then a finding has what
-- could be told from its other columns.

-- The tags of the resource, `key=value`, each in a line of its own; null where they were not read.
ALTER TABLE findings ADD COLUMN tags TEXT;
-- What a search for a text looks into, in small letters.
ALTER TABLE findings ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE findings SET words = LOWER(resource || '
' || name || '
' || say);

-- Properties of the checks as they last judged a target, each value in a line of its own.
ALTER TABLE judged ADD COLUMN practices TEXT NOT NULL DEFAULT '';
-- The same check elsewhere: the name of a tool or standard, and the name with each id.
ALTER TABLE judged ADD COLUMN frameworks TEXT NOT NULL DEFAULT '';
-- `minutes`, `hours` or `days`.
ALTER TABLE judged ADD COLUMN effort TEXT NOT NULL DEFAULT '';
-- Id, title and best practices, in small letters.
ALTER TABLE judged ADD COLUMN words TEXT NOT NULL DEFAULT '';
UPDATE judged SET words = LOWER(check_id);
