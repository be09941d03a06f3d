/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Policies and authorizations in ActivityPub, in the words of GoToSocial's interaction controls. */
#include "ap/document.h"
#include "model/activity.h"
#include "model/consent.h"
#include "model/identity.h"
#include "model/quote.h"

#define WORD_LIMIT 8 /* of one list */

/* What a policy is written with. */
struct writing {
	struct json_out *w;
	const struct identity_row *author, *people;
	size_t n_people;
};

static void write_words(const struct writing *x, const char *key, strs words, bool with_author)
{
	json_open_array(x->w, key);
	for (size_t i = 0; i < words.n; i++) {
		if (str_eq_c(words.p[i], "public"))
			json_put_c(x->w, NULL, AS_PUBLIC);
		if (str_eq_c(words.p[i], "followers"))
			json_put_str(x->w, NULL, x->author->followers_uri);
		if (str_eq_c(words.p[i], "following"))
			json_put_str(x->w, NULL, x->author->following_uri);
		for (size_t k = 0; str_eq_c(words.p[i], "mentioned") && k < x->n_people; k++)
			json_put_str(x->w, NULL, x->people[k].actor_uri);
	}
	if (with_author)
		json_put_str(x->w, NULL, x->author->actor_uri);
	json_close_array(x->w);
}

/* Under both names that the lists have had. The author always may. */
static void write_rule(const struct writing *x, const char *key, const struct consent_rule *rule)
{
	if (consent_choice_of(rule) == CONSENT_PUBLIC)
		return;
	json_open_object(x->w, key);
	write_words(x, "automaticApproval", rule->automatic, true);
	write_words(x, "manualApproval", rule->manual, false);
	write_words(x, "always", rule->automatic, true);
	write_words(x, "approvalRequired", rule->manual, false);
	json_close_object(x->w);
}

void consent_write_ap(struct json_out *w, const struct consent_policy *p,
		      const struct identity_row *author, const struct identity_row *people,
		      size_t n_people)
{
	struct writing x = { w, author, people, n_people };

	write_rule(&x, "canReply", &p->reply);
	write_rule(&x, "canLike", &p->like);
	write_rule(&x, "canAnnounce", &p->boost);
}

strs consent_words_from_ap(struct ctx *c, const struct identity_row *author, strs uris)
{
	str *words = arena_array(c->arena, WORD_LIMIT, sizeof(*words));
	size_t n = 0;

	for (size_t i = 0; i < uris.n && n < WORD_LIMIT; i++) {
		if (str_eq(uris.p[i], STR(AP_PUBLIC_URI)))
			words[n++] = STR("public");
		else if (str_eq(uris.p[i], author->followers_uri))
			words[n++] = STR("followers");
		else if (str_eq(uris.p[i], author->following_uri))
			words[n++] = STR("following");
		else if (!str_eq(uris.p[i], author->actor_uri))
			words[n++] = STR("other");
	}
	return (strs){ words, n };
}

static struct consent_rule rule_of(struct ctx *c, const struct identity_row *author,
				   const struct ap_rule *said)
{
	if (!said->is_said)
		return consent_rule_of(CONSENT_PUBLIC);
	return (struct consent_rule){ consent_words_from_ap(c, author, said->automatic),
				      consent_words_from_ap(c, author, said->manual) };
}

struct consent_policy consent_from_ap(struct ctx *c, const struct ap_object *o,
				      const struct identity_row *author)
{
	return (struct consent_policy){
		rule_of(c, author, &o->can_reply),
		rule_of(c, author, &o->can_like),
		rule_of(c, author, &o->can_announce),
	};
}

static bool stands(const struct consent_row *row)
{
	return str_eq_c(STR("accepted"), quote_standing(row->state));
}

int consent_authorization(struct ctx *c, str uri, str *ret)
{
	const struct consent_row *row;
	int result = q_consent_by_uri(c, uri, &row);

	*ret = STR("");
	if (result == E_NOT_FOUND)
		return 0;
	TRY(result);
	if (stands(row))
		*ret = row->authorization_uri;
	return 0;
}

int consent_write_authorization(struct ctx *c, const struct identity_row *owner, int64_t id,
				struct json_out *w)
{
	const struct consent_row *row;
	const struct post_row *object;

	TRY(q_consent_by_id(c, id, &row));
	if (row->owner_id != owner->id || str_is_empty(row->authorization_uri) || !stands(row))
		return fail(c, E_NOT_FOUND, "there is no such authorization");
	TRY(q_post_for_job(c, row->object_id, &object));
	json_open_object(w, NULL);
	json_put_raw(w, "@context", ap_context);
	json_put_str(w, "id", row->authorization_uri);
	json_put_c(w, "type", consent_type(row->kind, "Authorization"));
	json_put_str(w, "attributedTo", owner->actor_uri);
	json_put_str(w, "interactingObject", row->uri);
	json_put_str(w, "interactionTarget", object->object_uri);
	json_close_object(w);
	return 0;
}

const char *consent_type(str kind, const char *what)
{
	static const struct {
		const char *kind, *request, *authorization;
	} types[] = {
		{ "reply", "ReplyRequest", "ReplyAuthorization" },
		{ "like", "LikeRequest", "LikeAuthorization" },
		{ "boost", "AnnounceRequest", "AnnounceAuthorization" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (str_eq_c(kind, types[i].kind))
			return str_eq_c(STR("Request"), what) ? types[i].request
							      : types[i].authorization;
	return "Object";
}
