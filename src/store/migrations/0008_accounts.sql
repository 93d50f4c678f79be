-- No version ever filled it: the accounts of a target are those of its findings.
ALTER TABLE targets DROP COLUMN accounts;
