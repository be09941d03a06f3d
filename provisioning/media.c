/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* rookery media: what is stored, what tenants use of their quotas, and the cache of remote media. */
#include "model/media.h"

#include "model/disk.h"
#include "model/domain.h"
#include "model/settings.h"
#include "provisioning/command.h"
#include "provisioning/lookup.h"

static void put_tenant(struct json_out *w, const struct media_usage_row *u)
{
	json_open_object(w, NULL);
	json_put_str(w, "name", u->name);
	json_put_i64(w, "files", u->files);
	json_put_i64(w, "bytes", u->bytes);
	json_put_i64(w, "counted_files", u->counted_files);
	json_put_i64(w, "counted_bytes", u->counted_bytes);
	json_close_object(w);
}

/* A counter that differs from a recount is a fault. */
static int status(struct call *call)
{
	const struct media_tally_row *t;
	const struct media_usage_row *rows;
	size_t n;

	TRY(q_media_tally(call->c, &t));
	TRY(q_media_usage_list(call->c, &rows, &n));
	json_put_i64(call->answer, "files", t->files);
	json_put_i64(call->answer, "bytes", t->bytes);
	json_put_i64(call->answer, "unused", t->idle);
	json_put_i64(call->answer, "remote", t->remote);
	json_put_i64(call->answer, "remote_bytes", t->remote_bytes);
	json_put_i64(call->answer, "remote_limit", call->c->settings->media_cache_size << 20);
	json_open_array(call->answer, "tenants");
	for (size_t i = 0; i < n; i++) {
		put_tenant(call->answer, &rows[i]);
		call->unwell |= rows[i].files != rows[i].counted_files ||
				rows[i].bytes != rows[i].counted_bytes;
	}
	json_close_array(call->answer);
	return 0;
}

static int prune(struct call *call)
{
	struct disk_watch *none;
	int64_t n;

	/* How much has to go depends on how full the disk is. */
	TRY(disk_watch_start(NULL, call->c->settings, true, NULL, NULL, &none));
	TRY(media_evict(call->c, &n));
	json_put_i64(call->answer, "evicted", n);
	return 0;
}

static int quota(struct call *call)
{
	const struct media_quota_row *q;
	const struct domain_row *d;
	int64_t bytes;

	TRY(lookup_and_bind(call->c, call->args[0], &d));
	if (!str_is_null(call->args[1])) {
		if (!str_to_i64(call->args[1], &bytes) || bytes < 0)
			return fail(call->c, E_INVALID, "BYTES is a number of bytes");
		TRY(q_media_quota_set(call->c, d->id, bytes, NULL));
	}
	TRY(media_quota(call->c, &q));
	json_put_str(call->answer, "name", d->name);
	json_put_i64(call->answer, "bytes", q->bytes);
	json_put_i64(call->answer, "files", q->files);
	json_put_i64(call->answer, "quota", q->quota);
	return 0;
}

const struct command cli_media[] = {
	{ "media",
	  "status",
	  { NULL },
	  "Shows what is stored and who uses how much.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  status,
	  NULL },
	{ "media",
	  "quota",
	  { "DOMAIN", "[BYTES]" },
	  "Shows or sets what a domain may store.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  quota,
	  NULL },
	{ "media",
	  "prune",
	  { NULL },
	  "Lets go of what is over the size of the cache of remote media.",
	  NULL,
	  NEED_DATABASE,
	  NULL,
	  prune,
	  NULL },
	{ NULL, NULL, { NULL }, NULL, NULL, NEED_NOTHING, NULL, NULL, NULL },
};
