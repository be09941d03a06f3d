/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Collections of accounts: https://docs.joinmastodon.org/methods/collections/ */
#include "model/featured_collection.h"
#include "server/api/accounts.h"
#include "server/api/api.h"
#include "server/api/featured_tag.h"
#include "server/api/handlers.h"
#include "server/api/params.h"
#include "server/api/render_account.h"

static void put_item(struct json_out *w, const char *key,
		     const struct featured_collection_item_row *i)
{
	json_open_object(w, key);
	json_put_id(w, "id", i->id);
	json_put_id(w, "account_id", i->target_id);
	json_put_str(w, "state", i->status);
	json_put_time(w, "created_at", i->created);
	json_close_object(w);
}

static void put_tag(struct ctx *c, struct json_out *w, str name)
{
	if (str_is_empty(name)) {
		json_put_null(w, "tag");
		return;
	}
	json_open_object(w, "tag");
	json_put_str(w, "name", name);
	json_put_str(w, "url", api_tag_url(c, name));
	json_close_object(w);
}

static void put_collection(struct ctx *c, struct json_out *w, const char *key,
			   const struct featured_collection *f)
{
	const struct featured_collection_row *row = f->row;

	json_open_object(w, key);
	json_put_id(w, "id", row->id);
	json_put_id(w, "account_id", row->identity_id);
	json_put_str(w, "uri", row->uri);
	json_put_str(w, "url", row->url.n ? row->url : row->domain_id ? row->uri : STR_NULL);
	json_put_str(w, "name", row->name);
	json_put_str(w, "description", row->description);
	json_put_str(w, "language", row->language.n ? row->language : STR_NULL);
	json_put_bool(w, "local", row->domain_id == c->domain_id);
	json_put_bool(w, "sensitive", row->sensitive);
	json_put_bool(w, "discoverable", row->discoverable);
	put_tag(c, w, row->tag);
	json_put_i64(w, "item_count", (int64_t)f->n_items);
	json_open_array(w, "items");
	for (size_t i = 0; i < f->n_items; i++)
		put_item(w, NULL, &f->items[i]);
	json_close_array(w);
	json_put_time(w, "created_at", row->created);
	json_put_time(w, "updated_at", row->updated);
	json_close_object(w);
}

static int find(struct ctx *c, int64_t id, struct featured_collection *ret)
{
	int result = featured_collection_get(c, id, ret);

	return result == E_NOT_FOUND ? api_not_found(c) : result;
}

/* { "collection": ... } */
static int send_wrapped(struct ctx *c, int64_t id, struct response *r)
{
	struct featured_collection f;
	struct json_out w;

	TRY(find(c, id, &f));
	api_open(c, &w);
	json_open_object(&w, NULL);
	put_collection(c, &w, "collection", &f);
	json_close_object(&w);
	return api_send(&w, r);
}

/* The owner and whoever is in it. */
static int load_accounts(struct ctx *c, const struct featured_collection *f, struct account **ret,
			 size_t *ret_n)
{
	int64_t *ids = arena_array(c->arena, f->n_items + 1, sizeof(*ids));

	ids[0] = f->row->identity_id;
	for (size_t i = 0; i < f->n_items; i++)
		ids[i + 1] = f->items[i].target_id;
	return accounts_by_ids(c, (i64s){ ids, f->n_items + 1 }, ret, ret_n);
}

int api_collection(struct ctx *c, struct request *q, struct response *r)
{
	struct featured_collection f;
	struct account *accounts;
	struct json_out w;
	int64_t id;
	size_t n;

	TRY(api_path_id(c, q, 0, &id));
	TRY(find(c, id, &f));
	TRY(load_accounts(c, &f, &accounts, &n));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_open_array(&w, "accounts");
	for (size_t i = 0; i < n; i++)
		render_whole_account(c, &w, NULL, &accounts[i]);
	json_close_array(&w);
	put_collection(c, &w, "collection", &f);
	json_close_object(&w);
	return api_send(&w, r);
}

/* { "collections": [...] } of the account of the path. */
static int send_list(struct ctx *c, const struct request *q, struct response *r,
		     int (*load)(struct ctx *c, int64_t identity_id, int64_t limit, int64_t offset,
				 struct featured_collection **ret, size_t *ret_n))
{
	struct featured_collection *collections;
	const struct identity_row *i = NULL;
	struct json_out w;
	struct page page;
	size_t n;

	TRY(api_path_account(c, q, 0, &i));
	api_page(q, 40, 80, &page);
	TRY(load(c, i->id, page.limit, api_offset(q), &collections, &n));
	api_open(c, &w);
	json_open_object(&w, NULL);
	json_open_array(&w, "collections");
	for (size_t k = 0; k < n; k++)
		put_collection(c, &w, NULL, &collections[k]);
	json_close_array(&w);
	json_close_object(&w);
	api_link_offset(c, q, page.limit, n == (size_t)page.limit, r);
	return api_send(&w, r);
}

int api_account_collections(struct ctx *c, struct request *q, struct response *r)
{
	return send_list(c, q, r, featured_collections_of);
}

int api_account_in_collections(struct ctx *c, struct request *q, struct response *r)
{
	return send_list(c, q, r, featured_collections_with);
}

/* What is not said stays as it is. */
static void read_draft(const struct params *p, struct collection_draft *d)
{
	const struct {
		const char *name;
		str *value;
	} texts[] = {
		{ "name", &d->name },
		{ "description", &d->description },
		{ "language", &d->language },
		{ "tag_name", &d->tag },
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (param_is_there(p, texts[i].name))
			*texts[i].value = param(p, texts[i].name);
	d->sensitive = param_bool(p, "sensitive", d->sensitive);
	d->discoverable = param_bool(p, "discoverable", d->discoverable);
}

int api_collection_create(struct ctx *c, struct request *q, struct response *r)
{
	struct collection_draft d = { STR(""), STR(""), STR(""), STR(""), false, true };
	struct params *p;
	int64_t id;

	TRY(params_read(c, q, &p));
	read_draft(p, &d);
	TRY(featured_collection_create(c, &d, param_ids(c, p, "account_ids"), &id));
	return send_wrapped(c, id, r);
}

int api_collection_edit(struct ctx *c, struct request *q, struct response *r)
{
	struct featured_collection f;
	struct collection_draft d;
	struct params *p;
	int64_t id;

	TRY(params_read(c, q, &p));
	TRY(api_path_id(c, q, 0, &id));
	TRY(find(c, id, &f));
	d = (struct collection_draft){
		.name = f.row->name,
		.description = f.row->description,
		.language = f.row->language,
		.tag = f.row->tag,
		.sensitive = f.row->sensitive,
		.discoverable = f.row->discoverable,
	};
	read_draft(p, &d);
	TRY(featured_collection_edit(c, id, &d));
	return send_wrapped(c, id, r);
}

int api_collection_delete(struct ctx *c, struct request *q, struct response *r)
{
	int64_t id;

	TRY(api_path_id(c, q, 0, &id));
	TRY(featured_collection_delete(c, id));
	return api_send_empty(r);
}

int api_collection_add(struct ctx *c, struct request *q, struct response *r)
{
	const struct featured_collection_item_row *item;
	struct json_out w;
	struct params *p;
	int64_t id, target;

	TRY(params_read(c, q, &p));
	TRY(api_path_id(c, q, 0, &id));
	target = param_id(p, "account_id");
	if (!target)
		return api_unprocessable(c, "account_id is missing");
	TRY(featured_collection_add(c, id, target, &item));
	api_open(c, &w);
	json_open_object(&w, NULL);
	put_item(&w, "collection_item", item);
	json_close_object(&w);
	return api_send(&w, r);
}

static int change_item(struct ctx *c, const struct request *q, struct response *r,
		       int (*fn)(struct ctx *c, int64_t id, int64_t item_id))
{
	int64_t id, item;

	TRY(api_path_id(c, q, 0, &id));
	TRY(api_path_id(c, q, 1, &item));
	TRY(fn(c, id, item));
	return api_send_empty(r);
}

int api_collection_remove(struct ctx *c, struct request *q, struct response *r)
{
	return change_item(c, q, r, featured_collection_remove);
}

/* Not Mastodon's: there nobody is asked. */
int api_collection_accept(struct ctx *c, struct request *q, struct response *r)
{
	return change_item(c, q, r, featured_collection_accept);
}

int api_collection_revoke(struct ctx *c, struct request *q, struct response *r)
{
	return change_item(c, q, r, featured_collection_revoke);
}
