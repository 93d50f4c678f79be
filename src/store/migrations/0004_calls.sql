-- What a finished run asked AWS, for metrics: calls, and requests that AWS throttled or denied.
ALTER TABLE runs ADD COLUMN calls BIGINT;
ALTER TABLE runs ADD COLUMN throttled BIGINT;
ALTER TABLE runs ADD COLUMN denied BIGINT;

-- The orders of findings that pages are asked for in.
CREATE INDEX findings_by_severity ON findings (severity, target, id);
CREATE INDEX findings_by_time ON findings (since, target, id);
CREATE INDEX findings_by_resource ON findings (resource, target, id);
