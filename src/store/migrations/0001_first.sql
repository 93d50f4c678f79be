-- Both databases read this file. Times are milliseconds since 1970 in UTC, yes and no are 1 and 0,
-- and lists and maps are JSON in text.

-- What was ever audited. The configuration says what is audited now.
CREATE TABLE targets (
    name TEXT PRIMARY KEY,
    added BIGINT NOT NULL,
    -- When it left the configuration.
    removed BIGINT,
    accounts TEXT NOT NULL,
    owners TEXT NOT NULL,
    regions TEXT NOT NULL
);

CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    -- `file` or `api`.
    origin TEXT NOT NULL,
    spec TEXT NOT NULL,
    enabled BIGINT NOT NULL,
    -- Every time up to this one has been dealt with.
    handled BIGINT NOT NULL,
    changed BIGINT NOT NULL
);

CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    -- `schedule` or `request`.
    cause TEXT NOT NULL,
    schedule TEXT,
    due BIGINT,
    requested_by TEXT NOT NULL,
    idempotency_key TEXT,
    -- What the request said, so that a key is not used for another one.
    request TEXT NOT NULL,
    -- `queued`, `running`, `finished`, `failed` or `cancelled`.
    state TEXT NOT NULL,
    queued BIGINT NOT NULL,
    -- A schedule with jitter starts a while after its time.
    not_before BIGINT NOT NULL,
    started BIGINT,
    ended BIGINT,
    -- The lease: who holds it, the fencing token, and a count that grows while the holder lives.
    worker TEXT,
    token BIGINT NOT NULL,
    beat BIGINT NOT NULL,
    cancelled_by TEXT,
    lists_read BIGINT NOT NULL,
    lists_all BIGINT NOT NULL,
    notes TEXT NOT NULL,
    error TEXT,
    -- The exit code that `scan` would have ended with.
    status BIGINT,
    scan TEXT,
    complete BIGINT,
    coverage DOUBLE PRECISION,
    fails BIGINT,
    unknown BIGINT,
    new_fails BIGINT,
    fixed BIGINT,
    spent_usd DOUBLE PRECISION,
    -- The folder with its report, below the store.
    folder TEXT,
    -- When retention removed its files.
    removed BIGINT
);

-- A target is never audited twice at once, and a time of a schedule never starts two runs.
CREATE UNIQUE INDEX runs_one_of_a_target ON runs (target) WHERE state = 'running';
CREATE UNIQUE INDEX runs_slot ON runs (schedule, target, due);
CREATE UNIQUE INDEX runs_key ON runs (idempotency_key);
CREATE INDEX runs_of_a_target ON runs (target, id);
CREATE INDEX runs_unfinished ON runs (state, queued);

-- What a finished run says of each pillar.
CREATE TABLE run_pillars (
    run TEXT NOT NULL,
    target TEXT NOT NULL,
    at BIGINT NOT NULL,
    pillar TEXT NOT NULL,
    score BIGINT,
    coverage DOUBLE PRECISION,
    critical BIGINT NOT NULL,
    high BIGINT NOT NULL,
    medium BIGINT NOT NULL,
    low BIGINT NOT NULL,
    info BIGINT NOT NULL,
    unknown BIGINT NOT NULL,
    high_risk_issues BIGINT NOT NULL,
    medium_risk_issues BIGINT NOT NULL,
    PRIMARY KEY (target, at, pillar, run)
);

-- When each check last judged a target.
CREATE TABLE judged (
    target TEXT NOT NULL,
    check_id TEXT NOT NULL,
    run TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (target, check_id)
);

-- One row for each evaluation that there ever was, as it is now.
CREATE TABLE findings (
    target TEXT NOT NULL,
    id TEXT NOT NULL,
    check_id TEXT NOT NULL,
    service TEXT NOT NULL,
    pillar TEXT NOT NULL,
    severity BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    kind TEXT NOT NULL,
    resource TEXT NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    say TEXT NOT NULL,
    first_seen BIGINT NOT NULL,
    first_run TEXT NOT NULL,
    -- Since when verdict and severity are what they are.
    since BIGINT NOT NULL,
    since_run TEXT NOT NULL,
    -- The last run that saw it, where later ones of the same check did not.
    last_seen BIGINT,
    last_run TEXT,
    -- When it first failed and did not pass since.
    failing_since BIGINT,
    -- Stands for all of the above that a run can change.
    digest BIGINT NOT NULL,
    PRIMARY KEY (target, id)
);

CREATE INDEX findings_urgent ON findings (verdict, severity, target, id);
CREATE INDEX findings_of_a_check ON findings (check_id, verdict);
CREATE INDEX findings_of_a_resource ON findings (account, resource);

-- What became of a finding, a row only where verdict or severity changed.
CREATE TABLE changes (
    target TEXT NOT NULL,
    finding TEXT NOT NULL,
    at BIGINT NOT NULL,
    run TEXT NOT NULL,
    verdict TEXT NOT NULL,
    severity BIGINT NOT NULL,
    PRIMARY KEY (target, finding, at, run)
);

CREATE TABLE milestones (
    name TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    run TEXT NOT NULL,
    note TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made BIGINT NOT NULL
);

CREATE TABLE exemptions (
    id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    finding TEXT NOT NULL,
    check_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- The last day it holds, `2027-03-31`.
    expires TEXT NOT NULL,
    -- `requested`, `approved`, `refused` or `revoked`.
    state TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    requested BIGINT NOT NULL,
    decided_by TEXT,
    decided BIGINT,
    comment TEXT
);
CREATE INDEX exemptions_of_a_target ON exemptions (target, state);

CREATE TABLE attestations (
    id TEXT PRIMARY KEY,
    target TEXT NOT NULL,
    practice TEXT NOT NULL,
    status TEXT NOT NULL,
    owner TEXT NOT NULL,
    said TEXT NOT NULL,
    expires TEXT NOT NULL,
    link TEXT,
    note TEXT,
    made_by TEXT NOT NULL,
    made BIGINT NOT NULL,
    withdrawn BIGINT
);
CREATE INDEX attestations_of_a_target ON attestations (target, practice);

-- Messages that are written together with what they tell, and sent afterwards.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    run TEXT,
    payload TEXT NOT NULL,
    -- `waiting`, `sent` or `given-up`.
    state TEXT NOT NULL,
    made BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt BIGINT NOT NULL,
    sent BIGINT,
    error TEXT
);
CREATE INDEX outbox_waiting ON outbox (state, next_attempt);

CREATE TABLE audit_log (
    id TEXT PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    detail TEXT NOT NULL
);

CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- SHA-256 of the token in hexadecimal digits.
    hash TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    -- The targets it is for; all where the list is empty.
    targets TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made BIGINT NOT NULL,
    expires BIGINT NOT NULL,
    revoked BIGINT
);
