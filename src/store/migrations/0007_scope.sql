-- What a run is narrowed to, the JSON of `scope` in its request: a run is compared with the one before of the
-- same target and scope. Requests up to here are written as {"scope":…,"allow_paid_usd":…,"deadline_seconds":…}:
-- the text between the first ten characters and the second field, found as the last `|` where that field is
-- replaced by one, as what follows has digits, small letters and marks only.
ALTER TABLE runs ADD COLUMN scope TEXT NOT NULL DEFAULT '';
UPDATE runs SET scope = RTRIM(RTRIM(SUBSTR(REPLACE(request, ',"allow_paid_usd":', '|'), 10),
    '0123456789.+-,":}_abcdefghijklmnopqrstuvwxyz'), '|');
