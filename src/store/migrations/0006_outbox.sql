-- 1 while somebody is sending the message. `attempts` is the fencing token then.
ALTER TABLE outbox ADD COLUMN held BIGINT NOT NULL DEFAULT 0;
-- When `next_attempt` was set. Where that is later than now, the clock was set back meanwhile.
ALTER TABLE outbox ADD COLUMN noted BIGINT NOT NULL DEFAULT 0;
