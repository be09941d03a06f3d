/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: subjects of any number of notifications take a statement for each kind that is among them, and one for people. */
#include "model/emoji.h"
#include "model/identity.h"
#include "model/notification.h"
#include "model/report.h"

/* Subjects of one kind. */
static i64s ids_of(struct ctx *c, const struct notice_subject_key *keys, size_t n, str kind)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	size_t n_ids = 0;

	for (size_t i = 0; i < n; i++)
		if (keys[i].id && str_eq(keys[i].kind, kind))
			ids[n_ids++] = keys[i].id;
	return (i64s){ ids, n_ids };
}

static int load_reported(struct ctx *c, size_t n, struct notice_subject *subjects)
{
	int64_t *ids = arena_array(c->arena, n + 1, sizeof(*ids));
	const struct identity_row *people;
	size_t n_ids = 0, n_people;

	for (size_t i = 0; i < n; i++)
		if (subjects[i].report)
			ids[n_ids++] = subjects[i].report->subject_id;
	TRY(q_identity_by_ids(c, (i64s){ ids, n_ids }, &people, &n_people));
	for (size_t k = 0; k < n_people; k++)
		emoji_expect_identity(c, &people[k]);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_people; k++)
			if (subjects[i].report && subjects[i].report->subject_id == people[k].id)
				subjects[i].reported = &people[k];
	return 0;
}

static int load_reports(struct ctx *c, const struct notice_subject_key *keys, size_t n,
			struct notice_subject *subjects)
{
	i64s ids = ids_of(c, keys, n, STR("report"));
	const struct report_row *rows;
	size_t n_rows;

	if (ids.n == 0)
		return 0;
	TRY(q_report_by_ids(c, ids, c->domain_id, &rows, &n_rows));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_rows; k++)
			if (rows[k].id == keys[i].id)
				subjects[i].report = &rows[k];
	return load_reported(c, n, subjects);
}

static int load_severances(struct ctx *c, const struct notice_subject_key *keys, size_t n,
			   struct notice_subject *subjects)
{
	i64s ids = ids_of(c, keys, n, STR("severed"));
	const struct severance_row *rows;
	size_t n_rows;

	if (ids.n == 0)
		return 0;
	TRY(q_severance_by_ids(c, ids, c->domain_id, &rows, &n_rows));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_rows; k++)
			if (rows[k].id == keys[i].id && str_eq(keys[i].kind, STR("severed")))
				subjects[i].severance = &rows[k];
	return 0;
}

static int load_warnings(struct ctx *c, const struct notice_subject_key *keys, size_t n,
			 struct notice_subject *subjects)
{
	i64s ids = ids_of(c, keys, n, STR("warning"));
	const struct warning_row *rows;
	size_t n_rows;

	if (ids.n == 0)
		return 0;
	TRY(q_warning_by_ids(c, ids, c->domain_id, &rows, &n_rows));
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n_rows; k++)
			if (rows[k].id == keys[i].id && str_eq(keys[i].kind, STR("warning")))
				subjects[i].warning = &rows[k];
	return 0;
}

int notice_subjects_load(struct ctx *c, const struct notice_subject_key *keys, size_t n,
			 struct notice_subject **ret)
{
	struct notice_subject *subjects = arena_array(c->arena, n + 1, sizeof(*subjects));

	TRY(load_reports(c, keys, n, subjects));
	TRY(load_severances(c, keys, n, subjects));
	TRY(load_warnings(c, keys, n, subjects));
	*ret = subjects;
	return 0;
}
