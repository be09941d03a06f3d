/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Pages about who gets in: second factors, proofs in between, identities and who shares them. */
#ifndef SERVER_WEB_SECURITY_PAGE_H
#define SERVER_WEB_SECURITY_PAGE_H

#include "server/web/auth_page.h"
#include "server/web/page.h"

struct second_page {
	struct frame frame;
	str next; /* path to go to then; may be empty */
	bool has_passkeys;
	struct passkey_view passkey;
	struct wrong error;
};

struct prove_page {
	struct frame frame;
	str next;
	bool has_passkeys;
	struct passkey_view passkey;
	struct wrong error;
};

struct passkey_row_view {
	int64_t id;
	str name;
	usec created, last_used; /* 0: never used */
};

struct security_page {
	struct frame frame;
	bool lacking; /* the community wants a second factor before anything else */
	usec totp; /* since when codes of a program count; 0: they do not */
	int64_t codes; /* on paper, left */
	const struct passkey_row_view *passkeys;
	size_t n_passkeys;
	struct passkey_view add;
	struct wrong error; /* about a new passkey */
};

struct totp_page {
	struct frame frame;
	str secret; /* in groups */
	struct wrong error;
};

struct recovery_page {
	struct frame frame;
	const str *codes;
	size_t n_codes;
};

struct identity_new_page {
	struct frame frame;
	str username; /* as typed */
	int64_t owned, cap;
	struct wrong error;
};

struct holder_view {
	int64_t user_id;
	struct person_view person; /* by whom they are known here, when known */
	bool known, self, owner;
};

struct sharer_view {
	struct person_view person;
};

struct identity_people_page {
	struct frame frame;
	struct person_view person; /* what is shared */
	bool owner; /* the viewer is one */
	const struct holder_view *holders;
	size_t n_holders;
	const struct sharer_view *asked;
	size_t n_asked;
	str handle; /* as typed */
	bool as_owner;
	struct wrong error;
};

#endif
