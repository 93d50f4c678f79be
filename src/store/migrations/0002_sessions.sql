-- Logins that are on their way to the provider and back.
CREATE TABLE logins (
    -- SHA-256 of the parameter `state`, in hexadecimal digits.
    state TEXT PRIMARY KEY,
    -- SHA-256 of what the browser that began it holds in a cookie.
    browser TEXT NOT NULL,
    nonce TEXT NOT NULL,
    -- The code verifier of PKCE. It is worth nothing without the code.
    verifier TEXT NOT NULL,
    -- The page to show afterwards.
    leads_to TEXT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX logins_old ON logins (expires);

-- People who are logged in.
CREATE TABLE sessions (
    -- SHA-256 of what the cookie holds, in hexadecimal digits.
    hash TEXT PRIMARY KEY,
    -- Stands for the configuration that the login was under: a change of it ends the session.
    login TEXT NOT NULL,
    -- The provider's name for the person, which stays the same.
    subject TEXT NOT NULL,
    -- The name to show.
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    -- The ID token, which the provider may want to see again at the end.
    id_token TEXT NOT NULL,
    made BIGINT NOT NULL,
    -- The last request, to the minute.
    seen BIGINT NOT NULL,
    expires BIGINT NOT NULL
);
CREATE INDEX sessions_old ON sessions (expires);
