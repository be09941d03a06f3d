// SPDX-License-Identifier: AGPL-3.0-or-later
// A strict OAuth client (oauth4webapi) that lets itself in to a community of ours:
//
//	node oauth_client.mjs ISSUER REDIRECT basic|post
//
// It discovers the server by RFC 8414, registers, writes {"address": ...} for the browser, reads the
// address that the browser was led to as a line, and writes what it got as another line.
import * as oauth from "oauth4webapi";
import { createInterface } from "node:readline";

const [issuerText, redirect, method] = process.argv.slice(2);
const issuer = new URL(issuerText);
const scope = "profile read write:statuses";

function say(value) {
	process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function nextLine() {
	for await (const line of createInterface({ input: process.stdin }))
		return line;
	throw new Error("standard input ended");
}

async function register(server) {
	const answer = await fetch(server.app_registration_endpoint, {
		method: "POST",
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ client_name: "oauth4webapi", redirect_uris: [redirect], scopes: scope }),
	});
	return answer.json();
}

async function grant(server, client, auth, verifier, params) {
	const answer = await oauth.authorizationCodeGrantRequest(server, client, auth, params, redirect, verifier);
	return oauth.processAuthorizationCodeResponse(server, client, answer);
}

const discovery = await oauth.discoveryRequest(issuer, { algorithm: "oauth2" });
const server = await oauth.processDiscoveryResponse(issuer, discovery);
const registered = await register(server);
const client = { client_id: registered.client_id };
const auth = method === "basic" ? oauth.ClientSecretBasic(registered.client_secret)
	: oauth.ClientSecretPost(registered.client_secret);

const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const address = new URL(server.authorization_endpoint);
address.search = new URLSearchParams({
	client_id: client.client_id, redirect_uri: redirect, response_type: "code", scope, state,
	code_challenge: await oauth.calculatePKCECodeChallenge(verifier), code_challenge_method: "S256",
});
say({ address: address.href });

const params = oauth.validateAuthResponse(server, client, new URL(await nextLine()), state);
const token = await grant(server, client, auth, verifier, params);
const info = await oauth.processUserInfoResponse(server, client, oauth.skipSubjectCheck,
	await oauth.userInfoRequest(server, client, token.access_token));
const me = await (await oauth.protectedResourceRequest(token.access_token, "GET",
	new URL("/api/v1/accounts/verify_credentials", issuer))).json();
const own = await oauth.processClientCredentialsResponse(server, client,
	await oauth.clientCredentialsGrantRequest(server, client, auth, { scope: "read" }));
await oauth.processRevocationResponse(await oauth.revocationRequest(server, client, auth, token.access_token));
const after = await fetch(new URL("/api/v1/accounts/verify_credentials", issuer),
	{ headers: { authorization: `Bearer ${token.access_token}` } });
let replay = null;
try {
	await grant(server, client, auth, verifier, params);
} catch (error) {
	replay = error.error ?? error.message;
}
say({ issuer: server.issuer, token, info, username: me.username, own, after: after.status, replay });
