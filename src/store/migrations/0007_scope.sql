-- What a run is narrowed to, the JSON of `scope` in its request: a run is compared with the one before of the
-- same target and scope.
ALTER TABLE runs ADD COLUMN scope TEXT NOT NULL DEFAULT '';
-- Requests up to here are written as {"scope":…,"allow_paid_usd":…,"deadline_seconds":…}. The second name is
-- replaced by `|`, and all up to the last `|` is cut off from the right: digits, small letters and some marks.
UPDATE runs SET scope = RTRIM(RTRIM(SUBSTR(REPLACE(request, ',"allow_paid_usd":', '|'), 10),
    '0123456789.+-,":}_abcdefghijklmnopqrstuvwxyz'), '|');
