// A provider of OpenID Connect for tests, with a user for each role, and users whose tokens are wrong
// in one way each. It listens on a free port of this machine and prints one line of JSON: where.
//
//   node server.mjs [where the packages are: a folder with node_modules]

import { createRequire } from "node:module";
import { once } from "node:events";
import { createServer } from "node:http";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

// Nobody reads standard output after the first line.
console.log = console.error;
console.info = console.error;

const require = createRequire(join(resolve(process.argv[2] ?? "."), "package.json"));
const load = async (name) => import(pathToFileURL(require.resolve(name)).href);
const { default: Provider } = await load("oidc-provider");
const jose = await load("jose");

const CLIENT = "sixpillars";
const SECRET = "a-secret-of-the-tests:%/ +&";

// What each user is a member of. Any password is right.
const GROUPS = {
  viewer: ["everybody"],
  operator: ["everybody", "platform"],
  approver: ["everybody", "security"],
  "second-approver": ["security"],
  admin: ["everybody", "platform-leads"],
  nobody: ["another-team"],
  hostile: ["everybody"],
  // Nobody sees the difference.
  twin: ["everybody"],
  "twin\u200b": ["everybody"],
};
const NAMES = {
  hostile: '<script>alert(1)</script>\u202e\u001b[31m\r\nSet-Cookie: x=y\u0000',
};

const signing = async (kid) => {
  const { privateKey } = await jose.generateKeyPair("RS256", { extractable: true });
  return { ...(await jose.exportJWK(privateKey)), kid, alg: "RS256", use: "sig" };
};
const [key, laterKey, foreignKey] = await Promise.all(["first", "later", "first"].map(signing));
const publicPart = ({ kty, n, e, kid, alg, use }) => ({ kty, n, e, kid, alg, use });
let rotated = false;

// What is wrong with the token of a user: its claims, or how it is signed.
const now = () => Math.floor(Date.now() / 1000);
const WRONG = {
  expired: (claims) => ({ ...claims, iat: now() - 300, exp: now() - 120 }),
  old: (claims) => ({ ...claims, iat: now() - 7200, exp: now() + 3600 }),
  future: (claims) => ({ ...claims, iat: now() + 3600, exp: now() + 7200 }),
  "foreign-issuer": (claims) => ({ ...claims, iss: "https://evil.example" }),
  "wrong-audience": (claims) => ({ ...claims, aud: "another-service" }),
  "more-audiences": (claims) => ({ ...claims, aud: [CLIENT, "another-service"] }),
  "wrong-nonce": (claims) => ({ ...claims, nonce: "x".repeat(43) }),
  "no-nonce": ({ nonce, ...claims }) => claims,
  "no-subject": ({ sub, ...claims }) => claims,
  "other-access-token": (claims) => ({ ...claims, at_hash: "AAAAAAAAAAAAAAAAAAAAAA" }),
};
const sign = async (claims, jwk, alg = "RS256") =>
  new jose.SignJWT(claims)
    .setProtectedHeader({ alg, kid: jwk.kid })
    .sign(await jose.importJWK(jwk, alg));
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const SIGNED = {
  unsigned: async (claims) => `${encode({ alg: "none" })}.${encode(claims)}.`,
  "signed-by-the-secret": async (claims) =>
    new jose.SignJWT(claims)
      .setProtectedHeader({ alg: "HS256" })
      .sign(new TextEncoder().encode(SECRET)),
  "signed-by-another": async (claims) => sign(claims, foreignKey),
  rotated: async (claims) => {
    rotated = true;
    return sign(claims, laterKey);
  },
};
for (const user of [...Object.keys(WRONG), ...Object.keys(SIGNED)]) {
  GROUPS[user] = ["everybody"];
}
// In the answer about the user, the groups of somebody else.
const OTHER_USER = "other-user";

async function spoil(ctx, next) {
  await next();
  if (ctx.path === "/jwks" && rotated) {
    ctx.body = { keys: [...ctx.body.keys, publicPart(laterKey)] };
  }
  if (ctx.path === "/me" && ctx.body?.sub === OTHER_USER) {
    ctx.body = { ...ctx.body, sub: "admin", groups: ["platform-leads"] };
  }
  if (ctx.path !== "/token" || !ctx.body?.id_token) {
    return;
  }
  const claims = jose.decodeJwt(ctx.body.id_token);
  const user = claims.sub;
  if (WRONG[user]) {
    ctx.body = { ...ctx.body, id_token: await sign(WRONG[user](claims), key) };
  } else if (SIGNED[user]) {
    ctx.body = { ...ctx.body, id_token: await SIGNED[user](claims) };
  }
}

const server = createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: CLIENT,
      client_secret: SECRET,
      // For native applications, the port of a loopback address may be any.
      application_type: "native",
      redirect_uris: ["http://127.0.0.1/auth/callback"],
      post_logout_redirect_uris: ["http://127.0.0.1/"],
      grant_types: ["authorization_code"],
      response_types: ["code"],
    },
  ],
  jwks: { keys: [key] },
  cookies: { keys: ["a key of the tests"] },
  claims: { openid: ["sub"], profile: ["name"], groups: ["groups"] },
  scopes: ["openid", "profile", "groups"],
  // With `--in-token`, claims are in the ID token; without, only in the answer about the user.
  conformIdTokenClaims: !process.argv.includes("--in-token"),
  findAccount: (_, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: NAMES[id] ?? `The ${id}`, groups: GROUPS[id] }),
  }),
});
provider.use(spoil);
server.on("request", provider.callback());
process.stdout.write(`${JSON.stringify({ issuer, client: CLIENT, secret: SECRET })}\n`);
// It ends with whoever started it.
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
