// An identity provider that is not Entra: oidc-provider, on a free port of this machine.
// One line of JSON on standard input says who is known; one on standard output says where it is. It ends with its input.
// {"client_id": "...", "client_secret": "...", "accounts": [{"sub": "...", "email": "...", "roles": ["..."]}]}
// Its own pages sign people in: any password is right, whoever is not known is refused.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { Provider } from "oidc-provider";

const lines = createInterface({ input: process.stdin });
const asked = JSON.parse((await lines[Symbol.asyncIterator]().next()).value);
const accounts = new Map(asked.accounts.map((account) => [account.sub, account]));
const loopback = /^https?:\/\/(localhost|127\.0\.0\.1)(:\d+)?(\/.*)?$/;

const server = createServer().listen(0, "127.0.0.1");
await new Promise((listening) => server.once("listening", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;

const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: asked.client_id,
      client_secret: asked.client_secret,
      redirect_uris: ["http://127.0.0.1/"],
      token_endpoint_auth_method: "client_secret_post",
      grant_types: ["authorization_code", "refresh_token"],
    },
  ],
  claims: {
    openid: ["sub", "roles"],
    email: ["email", "email_verified"],
    profile: ["name", "preferred_username"],
  },
  conformIdTokenClaims: false, // claims in the ID token, as Entra has them, not at userinfo only
  cookies: { keys: [randomBytes(32).toString("hex")] },
  jwks: { keys: [{ ...privateKey.export({ format: "jwk" }), use: "sig", alg: "RS256" }] },
  findAccount: (_, id) => accounts.has(id) && { accountId: id, claims: () => accounts.get(id) },
  ttl: { AccessToken: 3600, Grant: 86400, IdToken: 3600, Interaction: 3600, Session: 86400 },
});
for (const allowed of ["redirectUriAllowed", "postLogoutRedirectUriAllowed"]) {
  provider.Client.prototype[allowed] = (address) => loopback.test(address);
}
server.on("request", provider.callback());
process.stdout.write(`${JSON.stringify({ issuer })}\n`);
process.stdin.once("end", () => process.exit(0));
