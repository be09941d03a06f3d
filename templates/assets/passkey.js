// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Passkeys (WebAuthn): shows the forms that use them and fills in what the browser's authenticator answers. Nothing
// else of the pages needs a script.
"use strict";

(() => {
	const toBytes = (text) =>
		Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (ch) => ch.charCodeAt(0));
	const toText = (buffer) => {
		let binary = "";
		for (const byte of new Uint8Array(buffer)) binary += String.fromCharCode(byte);
		return btoa(binary).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
	};
	const keys = (text) =>
		text.split(" ").filter(Boolean).map((id) => ({ type: "public-key", id: toBytes(id) }));

	const create = async (data) => {
		const made = await navigator.credentials.create({
			publicKey: {
				challenge: toBytes(data.challenge),
				rp: { id: data.rp, name: data.site },
				user: { id: toBytes(data.handle), name: data.user, displayName: data.user },
				pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
				excludeCredentials: keys(data.known),
				authenticatorSelection: {
					residentKey: "required",
					requireResidentKey: true,
					userVerification: "required",
				},
				attestation: "none",
			},
		});
		return {
			id: toText(made.rawId),
			client_data: toText(made.response.clientDataJSON),
			authenticator_data: toText(made.response.getAuthenticatorData()),
		};
	};

	const get = async (data) => {
		const made = await navigator.credentials.get({
			publicKey: {
				challenge: toBytes(data.challenge),
				rpId: data.rp,
				allowCredentials: keys(data.known),
				userVerification: "required",
			},
		});
		return {
			id: toText(made.rawId),
			client_data: toText(made.response.clientDataJSON),
			authenticator_data: toText(made.response.authenticatorData),
			signature: toText(made.response.signature),
			user_handle: made.response.userHandle ? toText(made.response.userHandle) : "",
		};
	};

	const send = async (form) => {
		const failed = form.querySelector("[data-failed]");
		failed.hidden = true;
		try {
			const answer = await (form.dataset.passkey === "create" ? create : get)(form.dataset);
			for (const [name, value] of Object.entries(answer)) form.elements[name].value = value;
			form.submit();
		} catch {
			failed.hidden = false;
		}
	};

	if (!window.PublicKeyCredential) return;
	for (const form of document.querySelectorAll("form[data-passkey]")) {
		form.hidden = false;
		form.addEventListener("submit", (event) => {
			event.preventDefault();
			send(form);
		});
	}
})();
