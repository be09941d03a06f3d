/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Which base backup and which timeline of the log bring a moment back. Invariant: a moment is on the newest timeline
 * that had begun by then. Each restore begins one, and what was written between the moment that it went back to and
 * itself stays on the one that it left, which the newest one does not have.
 */
#include <stdio.h>

#include "provisioning/backup.h"

/* "00000002.history" */
static bool is_history(struct vault *v, str name, int64_t *ret_timeline)
{
	unsigned id;
	int end = 0;

	if (sscanf(str_z(v->c->arena, name), "%8x.history%n", &id, &end) != 1 ||
	    (size_t)end != name.n)
		return false;
	*ret_timeline = id;
	return true;
}

static str log_path(struct vault *v, const struct cluster_info *info)
{
	return str_fmt(v->c->arena, "archive/" BACKUP_STANZA "/%.*s", STR_ARG(info->archive));
}

/* A history is the first thing that comes into the repository of a timeline; the first one has none. */
static int choose_timeline(struct vault *v, const struct cluster_info *info, usec at,
			   struct course *ret)
{
	static const char *const options[] = { "--output=json", "--filter=\\.history$", NULL };
	const struct json *list, *entry;
	int64_t id;
	str name;

	TRY(cluster_ask(v, "repo-ls", options, log_path(v, info).p, &name));
	TRY(json_parse(v->c, name, &list));
	for (size_t i = 0; json_member(list, i, &name, &entry); i++) {
		usec began = json_get_i64(entry, "time") * USEC_SEC;

		if (!is_history(v, name, &id))
			continue;
		if (!at || began <= at)
			ret->timeline = id > ret->timeline ? id : ret->timeline;
		else if (!ret->left || began < ret->left)
			ret->left = began;
	}
	return 0;
}

/* What is known of where a timeline comes from: "1\t0/3000158\twhy" for each that it continues. */
static int read_history(struct vault *v, const struct cluster_info *info, int64_t timeline,
			str *ret)
{
	return cluster_ask(v, "repo-get", NULL,
			   str_fmt(v->c->arena, "%.*s/%08llX.history", STR_ARG(log_path(v, info)),
				   (long long)timeline)
				   .p,
			   ret);
}

static bool leads_to(struct vault *v, const struct base_backup *b, int64_t timeline, str history)
{
	str line, id, place;
	int64_t number;

	if (!timeline || b->timeline == timeline)
		return true;
	while (str_cut(&history, '\n', &line))
		if (str_cut(&line, '\t', &id) && str_to_i64(str_trim(id), &number) &&
		    number == b->timeline && str_cut(&line, '\t', &place))
			return b->end <= cluster_lsn(v, place);
	return false;
}

static int choose_base(struct vault *v, const struct cluster_info *info, usec at, str history,
		       struct course *ret)
{
	const struct base_backup *best = NULL;

	for (size_t i = 0; i < info->n; i++)
		if ((!at || info->backups[i].finished <= at) &&
		    leads_to(v, &info->backups[i], ret->timeline, history))
			best = &info->backups[i];
	if (!best)
		return fail(v->c, E_INVALID,
			    "no base backup leads to that moment, which is on timeline %lld",
			    (long long)ret->timeline);
	ret->base = *best;
	return 0;
}

int cluster_course(struct vault *v, const struct cluster_info *info, usec at, struct course *ret)
{
	str history = STR("");

	*ret = (struct course){ 0 };
	if (!info->n)
		return fail(v->c, E_NOT_FOUND, "the repository has no backup of the database");
	if (at && at < info->backups[0].finished)
		return fail(v->c, E_INVALID, "the earliest moment in the repository is %.*s",
			    STR_ARG(clock_iso(v->c->arena, info->backups[0].finished)));
	if (info->archive.n)
		TRY(choose_timeline(v, info, at, ret));
	if (ret->timeline)
		TRY(read_history(v, info, ret->timeline, &history));
	else if (ret->left)
		ret->timeline = info->backups[0].timeline;
	return choose_base(v, info, at, history, ret);
}
