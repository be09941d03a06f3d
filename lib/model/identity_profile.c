/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Profiles of local identities. Invariant: what is stored as markup was made of plain text here, and
 * the text stands beside it, so that an owner edits what they typed.
 */
#include "ap/handle.h"
#include "fetch/url.h"
#include "html/html.h"
#include "json/json.h"
#include "json/write.h"
#include "model/domain.h"
#include "model/identity.h"

#define NAME_MAX_CHARS IDENTITY_NAME_LIMIT
#define SUMMARY_MAX_CHARS IDENTITY_SUMMARY_LIMIT
#define FIELD_MAX_CHARS IDENTITY_FIELD_LIMIT
#define FIELDS_LIMIT 32768 /* bytes of all fields as JSON */
#define DESCRIPTION_MAX_CHARS IDENTITY_DESCRIPTION_LIMIT

static int check_text(struct ctx *c, str text, size_t most, const char *what)
{
	if (!str_is_utf8(text))
		return fail(c, E_INVALID, "the text is not UTF-8");
	if (str_chars(text) > most)
		return fail(c, E_INVALID, "%s has at most %zu characters", what, most);
	return 0;
}

static int check_profile(struct ctx *c, const struct identity_profile *p)
{
	TRY(fail_at(c, "name", check_text(c, p->name, NAME_MAX_CHARS, "a name")));
	TRY(fail_at(c, "bio", check_text(c, p->summary, SUMMARY_MAX_CHARS, "a biography")));
	TRY(check_text(c, p->icon_description, DESCRIPTION_MAX_CHARS, "a description"));
	TRY(check_text(c, p->image_description, DESCRIPTION_MAX_CHARS, "a description"));
	if (p->n_fields > IDENTITY_FIELDS)
		return fail(c, E_INVALID, "a profile has at most %d fields", IDENTITY_FIELDS);
	for (size_t i = 0; i < p->n_fields; i++) {
		TRY(fail_at_row(c, "field_name_", i + 1,
				check_text(c, p->fields[i].name, FIELD_MAX_CHARS, "a field")));
		TRY(fail_at_row(c, "field_value_", i + 1,
				check_text(c, p->fields[i].value, FIELD_MAX_CHARS, "a field")));
	}
	return 0;
}

/* Line breaks and other controls become spaces. */
static str one_line(struct ctx *c, str text)
{
	char *p;

	if (str_is_null(text))
		return STR("");
	p = arena_copy(c->arena, text.p, text.n);
	for (size_t i = 0; i < text.n; i++)
		if ((unsigned char)p[i] < ' ' || p[i] == 0x7f)
			p[i] = ' ';
	return str_trim((str){ p, text.n });
}

/* A mention in a biography links to whom we know already; nothing is fetched for it. */
static struct html_link link_of(void *arg, const struct html_token *t)
{
	struct ctx *c = arg;
	const struct identity_row *who;
	str handle;

	if (t->kind == HTML_HASHTAG)
		return (struct html_link){
			.href = str_fmt(c->arena, "%.*s/tags/%.*s/", STR_ARG(c->domain->origin),
					STR_ARG(t->name)),
		};
	handle = str_is_null(t->host)
			 ? t->name
			 : str_fmt(c->arena, "%.*s@%.*s", STR_ARG(t->name), STR_ARG(t->host));
	if (t->kind != HTML_MENTION || identity_find(c, handle, &who))
		return (struct html_link){ STR_NULL, STR_NULL };
	return (struct html_link){ who->url.n ? who->url : who->actor_uri, who->username };
}

/* When a field with this text was verified; the null str when it was not. */
static str verified_of(const struct json *before, str text)
{
	for (size_t i = 0; i < json_count(before); i++)
		if (str_eq(json_get_str(json_at(before, i), "text"), text))
			return json_get_str(json_at(before, i), "verified");
	return STR_NULL;
}

/* A field that is one address says that it is the same person's, for sites that look for that. */
static str as_own(struct ctx *c, str text, str value)
{
	str opening = STR(" rel=\"");
	size_t at = str_find(value, opening, 0);
	struct url url;

	if (at == SIZE_MAX || !str_starts(value, STR("<a ")) || !url_parse(c->arena, text, &url))
		return value;
	at += opening.n;
	return str_fmt(c->arena, "%.*sme %.*s", STR_ARG(str_slice(value, 0, at)),
		       STR_ARG(str_from(value, at)));
}

/* One line makes one paragraph, which a field has no need of. */
static str inner(html markup)
{
	str s = markup.s;

	if (str_starts(s, STR("<p>")) && str_ends(s, STR("</p>")))
		return str_slice(s, 3, s.n - 4);
	return s;
}

static int write_fields(struct ctx *c, const struct identity_profile *p, const struct json *before,
			str *ret)
{
	struct json_out w;

	json_out_init(&w, c->arena, FIELDS_LIMIT);
	json_open_array(&w, NULL);
	for (size_t i = 0; i < p->n_fields; i++) {
		str name = one_line(c, p->fields[i].name), text = one_line(c, p->fields[i].value);
		html value;

		if (str_is_empty(name))
			continue;
		TRY(html_from_text(c, text, link_of, c, &value));
		json_open_object(&w, NULL);
		json_put_str(&w, "name", name);
		json_put_str(&w, "value", as_own(c, text, inner(value)));
		json_put_str(&w, "text", text);
		json_put_str_opt(&w, "verified", verified_of(before, text));
		json_close_object(&w);
	}
	json_close_array(&w);
	return json_out_done(&w, ret);
}

/* Host names in their one form, without doubles. */
static int read_attributions(struct ctx *c, strs domains, strs *ret)
{
	str *hosts = arena_array(c->arena, domains.n + 1, sizeof(*hosts));
	size_t n = 0;

	if (domains.n > IDENTITY_ATTRIBUTIONS)
		return fail(c, E_INVALID, "at most %d domains may name somebody",
			    IDENTITY_ATTRIBUTIONS);
	for (size_t i = 0; i < domains.n; i++) {
		bool known = str_is_empty(str_trim(domains.p[i]));

		if (!known && !handle_host(c->arena, str_trim(domains.p[i]), &hosts[n]))
			return fail(c, E_INVALID, "%.*s is no domain",
				    STR_ARG(str_clip(domains.p[i], 100)));
		for (size_t k = 0; k < n && !known; k++)
			known = str_eq(hosts[k], hosts[n]);
		n += !known;
	}
	*ret = (strs){ hosts, n };
	return 0;
}

static int read_fields(struct ctx *c, const struct identity_row *i, struct identity_profile *p)
{
	struct identity_field *fields = arena_array(c->arena, IDENTITY_FIELDS, sizeof(*fields));
	const struct json *list;

	TRY(json_parse(c, i->fields, &list));
	for (size_t k = 0; k < json_count(list) && k < IDENTITY_FIELDS; k++) {
		fields[k].name = json_get_str(json_at(list, k), "name");
		fields[k].value = json_get_str(json_at(list, k), "text");
		p->n_fields++;
	}
	p->fields = fields;
	return 0;
}

int identity_profile_of(struct ctx *c, const struct identity_row *i, struct identity_profile *ret)
{
	struct identity_profile p = {
		.name = i->name,
		.summary = i->summary_text,
		.icon_description = i->icon_description,
		.image_description = i->image_description,
		.attribution_domains = i->attribution_domains,
		.bot = str_eq(i->actor_type, STR("Service")),
		.locked = i->locked,
		.discoverable = i->discoverable,
		.indexable = i->indexable,
		.show_follows = i->show_follows,
		.show_media = i->show_media,
		.show_media_replies = i->show_media_replies,
		.show_featured = i->show_featured,
	};

	if (str_is_empty(p.summary))
		TRY(html_to_text(c, i->summary, &p.summary));
	TRY(read_fields(c, i, &p));
	*ret = p;
	return 0;
}

static int write_markup(struct ctx *c, const struct identity_profile *p,
			struct q_identity_edit_args *args)
{
	const struct identity_row *i;
	const struct json *before;
	html summary;

	TRY(q_identity_by_id(c, c->identity_id, &i));
	TRY(json_parse(c, i->fields, &before));
	TRY(html_from_text(c, p->summary, link_of, c, &summary));
	args->summary = summary.s;
	args->summary_text = str_is_null(p->summary) ? STR("") : p->summary;
	return write_fields(c, p, before, &args->fields);
}

int identity_edit(struct ctx *c, const struct identity_profile *p)
{
	struct q_identity_edit_args args = {
		.bot = p->bot,
		.locked = p->locked,
		.discoverable = p->discoverable,
		.indexable = p->indexable,
		.show_follows = p->show_follows,
		.show_media = p->show_media,
		.show_media_replies = p->show_media_replies,
		.show_featured = p->show_featured,
		.id = c->identity_id,
		.domain_id = c->domain_id,
	};

	TRY(check_profile(c, p));
	args.name = one_line(c, p->name);
	args.icon_description = one_line(c, p->icon_description);
	args.image_description = one_line(c, p->image_description);
	TRY(read_attributions(c, p->attribution_domains, &args.attribution_domains));
	TRY(write_markup(c, p, &args));
	return q_identity_edit(c, &args, NULL);
}
