/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * preview: renders every template with invented data, "preview OUTDIR", to look at the pages and to
 * check them without a server or a database. The same bytes come out every time. The pages are
 * in preview_*.c, by subject.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "server/web/view.h"
#include "templates.h"
#include "tests/browser/preview.h"

struct arena *arena;

str asset_url(const char *name)
{
	return str_fmt(arena, "/static/%s?v=preview", name);
}

str asset_integrity(unused const char *name)
{
	return STR("sha256-0");
}

const struct post_view *posts_of(size_t first, size_t n, int64_t entry_id, bool nested)
{
	struct post_view *posts = arena_array(arena, n, sizeof(*posts));

	for (size_t i = 0; i < n; i++) {
		posts[i] = samples[(first + i) % ARRAY_SIZE(samples)];
		posts[i].entry_id = entry_id + (int64_t)i;
		posts[i].depth = nested ? 1 + (int)(i % 6) : 0;
	}
	return posts;
}

static int write_file(const char *dir, const char *name, str text)
{
	const char *path = str_z(arena, str_fmt(arena, "%s/%s", dir, name));
	FILE *f = fopen(path, "wb");
	bool ok = f && fwrite(text.p, 1, text.n, f) == text.n;

	ok &= f && fclose(f) == 0;
	if (!ok)
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
	return ok ? 0 : 1;
}

static int write_page(const char *dir, const struct preview *p)
{
	struct out o;
	str text;
	int failed;

	arena = arena_new();
	out_init(&o, arena, 1 << 20);
	p->render(&o);
	failed = out_done(&o, &text);
	if (!failed)
		failed = write_file(dir, p->file, text);
	arena_free(arena);
	return failed;
}

int main(int argc, char **argv)
{
	const struct preview *all[] = { post_previews,	  people_previews,   account_previews,
					site_previews,	  member_previews,   join_previews,
					staff_previews,	  security_previews, admin_previews,
					console_previews, policy_previews };
	int failed = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: preview OUTDIR\n");
		return 2;
	}
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		for (const struct preview *p = all[i]; p->file && !failed; p++)
			failed = write_page(argv[1], p);
	return failed;
}
