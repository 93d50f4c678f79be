-- What channels are to be told of, until a message is made of it.
CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL,
    run TEXT NOT NULL,
    made BIGINT NOT NULL,
    -- The worst of what began to fail or became worse.
    severity BIGINT NOT NULL,
    payload TEXT NOT NULL
);
CREATE INDEX notices_of_a_channel ON notices (channel, severity, made);

-- As in notices: what is urgent is sent in quiet hours too.
ALTER TABLE outbox ADD COLUMN severity BIGINT NOT NULL DEFAULT 0;
