-- What a finished run asked AWS, for metrics: calls, and requests that AWS throttled or denied.
ALTER TABLE runs ADD COLUMN calls BIGINT;
ALTER TABLE runs ADD COLUMN throttled BIGINT;
ALTER TABLE runs ADD COLUMN denied BIGINT;
