/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: of a link only its hash stays; one statement checks and takes it, so that a second press finds nothing. */
#include "model/mail_link.h"

#include "crypt/hash.h"
#include "model/domain.h"
#include "model/mail.h"

#define TOKEN_BYTES 24
#define CONFIRM_LIFETIME (2 * USEC_DAY)
#define RESET_LIFETIME (2 * USEC_HOUR)

static const struct purpose {
	const char *name;
	enum mail_kind kind;
	usec lifetime;
} purposes[] = {
	{ LINK_CONFIRM, MAIL_CONFIRM, CONFIRM_LIFETIME },
	{ LINK_RESET, MAIL_RESET, RESET_LIFETIME },
	{ LINK_CHANGE, MAIL_CHANGE, CONFIRM_LIFETIME },
};

static const struct purpose *purpose_of(const char *name)
{
	const struct purpose *p = purposes;

	while (!str_eq_c(str_c(name), p->name))
		p++;
	return p;
}

int mail_link_send(struct ctx *c, const char *purpose, int64_t user_id, str address)
{
	const struct purpose *p = purpose_of(purpose);
	str token = random_token(c->arena, TOKEN_BYTES);

	TRY(q_mail_link_add(c,
			    &(struct q_mail_link_add_args){
				    .domain_id = c->domain_id,
				    .user_id = user_id,
				    .purpose = str_c(purpose),
				    .address = address,
				    .token_hash = hash_sha256(c->arena, token),
				    .lifetime = p->lifetime,
			    },
			    NULL));
	return mail_queue(c, &(struct mail_draft){
				     .kind = p->kind,
				     .address = address,
				     .user_id = user_id,
				     .secret = token,
			     });
}

static int judge(struct ctx *c, int result)
{
	return result == E_NOT_FOUND
		       ? fail(c, E_NOT_FOUND, "this link was used already, or is too old")
		       : result;
}

int mail_link_find(struct ctx *c, const char *purpose, str token, const struct mail_link_row **ret)
{
	return judge(c, q_mail_link_find(c, c->domain_id, hash_sha256(c->arena, token),
					 str_c(purpose), ret));
}

int mail_link_check(struct ctx *c, const char *purpose, str token)
{
	const struct mail_link_row *row;

	return mail_link_find(c, purpose, token, &row);
}

int mail_link_take(struct ctx *c, const char *purpose, str token, const struct mail_link_row **ret)
{
	return judge(c, q_mail_link_take(c, c->domain_id, hash_sha256(c->arena, token),
					 str_c(purpose), ret));
}

/* The host's key signs it, so that nothing has to be kept for it. */
static str code_of(struct ctx *c, int64_t user_id)
{
	str what = str_fmt(c->arena, "unsubscribe:%lld:%lld", (long long)c->domain_id,
			   (long long)user_id);
	str code = hash_hmac_sha256(c->arena, domain_proxy_key(c->domains), what);

	return base64url_encode(c->arena, str_slice(code, 0, TOKEN_BYTES));
}

str mail_unsubscribe_url(struct ctx *c, int64_t user_id)
{
	return str_fmt(c->arena, "%.*s" UNSUBSCRIBE_PATH "%lld&code=%.*s",
		       STR_ARG(c->domain->origin), (long long)user_id,
		       STR_ARG(code_of(c, user_id)));
}

int mail_unsubscribe(struct ctx *c, int64_t user_id, str code)
{
	if (!secret_eq(code, code_of(c, user_id)))
		return fail(c, E_NOT_FOUND, "this link is not whole");
	return q_mail_wish_end(c, c->domain_id, user_id, NULL);
}
