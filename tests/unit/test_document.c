/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * lib/ap's views: every document of the collection in tests/vectors/ap-docs and every quirk in
 * tests/golden/ap/quirks against its golden file, then limits, refusals and the rules of trust.
 * With ROOKERY_GOLDEN=write the golden files are written anew, to be reviewed by eye.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ap/multikey.h"
#include "base/ctx.h"
#include "base/err.h"
#include "crypt/hash.h"
#include "tests/unit/ap_dump.h"

#include <cmocka.h> /* last: its fail() is a macro */

#define VECTORS "tests/vectors/ap-docs/"
#define GOLDEN "tests/golden/ap/"
#define QUIRKS GOLDEN "quirks/"
#define FILE_LIMIT (1 << 20)

static int setup(void **state)
{
	struct ctx *c = calloc(1, sizeof(*c));

	assert_non_null(c);
	ctx_init(c, arena_new());
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct ctx *c = *state;

	arena_free(c->arena);
	free(c);
	return 0;
}

static void filep_close(FILE **f)
{
	if (*f)
		fclose(*f);
}

static str file_read(struct arena *a, str path)
{
	FILE *f cleanup(filep_close) = fopen(str_z(a, path), "rb");
	struct out o;
	char block[4096];
	size_t n;

	if (!f)
		return STR_NULL;
	out_init(&o, a, FILE_LIMIT);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		out_str(&o, (str){ block, n });
	return str_dup(a, out_view(&o));
}

static void file_write(struct arena *a, str path, str text)
{
	FILE *f cleanup(filep_close) = fopen(str_z(a, path), "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.n, f), text.n);
}

static const struct json *parse(struct ctx *c, str text)
{
	const struct json *j = NULL;

	if (json_parse(c, text, &j))
		fail_msg(STR_FMT ": " STR_FMT, STR_ARG(str_clip(text, 200)), STR_ARG(c->error));
	return j;
}

/* A post or an actor without an id is shown once more with one, so that the rest is tested too. */
static void dump_with_id(struct dump *d, str text)
{
	const struct json *j = parse(d->c, text);
	str rest = str_trim(str_from(text, str_find_char(text, '{', 0) + 1));
	enum ap_type type = ap_type_of(j);

	if (json_get(j, "id") || (!ap_type_is_post(type) && !ap_type_is_actor(type)))
		return;
	dump_line(d, "with an id:", STR(""));
	text = str_fmt(d->c->arena, "{\"id\":\"https://given.example/id\"," STR_FMT, STR_ARG(rest));
	dump_document(d, parse(d->c, text));
}

static str view_of(struct ctx *c, str text)
{
	struct dump d = { .c = c };
	str view = STR_NULL;

	out_init(&d.out, c->arena, FILE_LIMIT);
	dump_document(&d, parse(c, text));
	dump_with_id(&d, text);
	assert_int_equal(out_done(&d.out, &view), 0);
	return view;
}

static void check_golden(struct ctx *c, str input, str golden)
{
	str text = file_read(c->arena, input), view, want;

	if (str_is_null(text))
		fail_msg(STR_FMT ": cannot be read", STR_ARG(input));
	view = view_of(c, text);
	if (getenv("ROOKERY_GOLDEN"))
		file_write(c->arena, golden, view);
	want = file_read(c->arena, golden);
	if (!str_eq(view, want))
		fail_msg(STR_FMT ": got\n" STR_FMT "want\n" STR_FMT, STR_ARG(golden), STR_ARG(view),
			 STR_ARG(want));
}

/* "permissive/lemmy/x.json" is compared with "lemmy-x.out". */
static str golden_name(struct arena *a, str path)
{
	char *name = str_z(a, path);

	for (char *p = name; *p; p++) {
		if (*p == '/')
			*p = '-';
	}
	return str_fmt(a, GOLDEN "%s.out", name);
}

static void test_vectors(void **state)
{
	struct ctx *c = *state;
	str manifest = file_read(c->arena, STR(VECTORS "MANIFEST.tsv")), line;
	str folder = STR("permissive/"), extension = STR(".json");
	size_t n = 0;

	assert_true(str_cut(&manifest, '\n', &line));
	while (str_cut(&manifest, '\n', &line)) {
		str path = str_slice(line, 0, str_find_char(line, '\t', 0));
		str short_path = str_slice(path, folder.n, path.n - extension.n);

		check_golden(c, str_cat(c->arena, STR(VECTORS), path),
			     golden_name(c->arena, short_path));
		n++;
	}
	assert_int_equal(n, 185);
}

static void closedirp(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

static void test_quirks(void **state)
{
	struct ctx *c = *state;
	DIR *dir cleanup(closedirp) = opendir(QUIRKS);
	const struct dirent *e;
	size_t n = 0;

	assert_non_null(dir);
	while ((e = readdir(dir))) {
		str name = str_c(e->d_name);

		if (!str_ends(name, STR(".json")))
			continue;
		name = str_cat(c->arena, STR(QUIRKS), str_slice(name, 0, name.n - 5));
		check_golden(c, str_cat(c->arena, name, STR(".json")),
			     str_cat(c->arena, name, STR(".out")));
		n++;
	}
	assert_true(n >= 10);
}

/* Refusals */

#define ID "\"id\":\"https://a.example/1\""

enum view { OBJECT, ACTOR, ACTIVITY, COLLECTION };

static const struct {
	enum view view;
	const char *text;
	const char *error;
} refusals[] = {
	{ OBJECT, "[]", "the document is no object" },
	{ OBJECT, "\"https://a.example/1\"", "the document is no object" },
	{ OBJECT, "{\"type\":\"Note\"}", "the document has no id" },
	{ OBJECT, "{\"id\":7,\"type\":\"Note\"}", "the document has no id" },
	{ OBJECT, "{\"id\":[\"https://a.example/1\"],\"type\":\"Note\"}",
	  "the document has no id" },
	{ OBJECT, "{\"id\":\"tag:a,1:1\",\"type\":\"Note\"}",
	  "the document's id is no http(s) URI" },
	{ OBJECT, "{\"id\":\"https://b.example@a.example/1\",\"type\":\"Note\"}",
	  "the document's id is no http(s) URI" },
	{ OBJECT, "{\"id\":\"https:///1\",\"type\":\"Note\"}",
	  "the document's id is no http(s) URI" },
	{ OBJECT, "{\"id\":\"https://a.example/1 2\",\"type\":\"Note\"}",
	  "the document's id is no http(s) URI" },
	{ OBJECT, "{\"id\":\"https://a.example\\\\@b/\",\"type\":\"Note\"}",
	  "the document's id is no http(s) URI" },
	{ OBJECT, "{" ID "}", "\"\" is no type of a post" },
	{ OBJECT, "{" ID ",\"type\":\"Person\"}", "\"Person\" is no type of a post" },
	{ OBJECT, "{" ID ",\"type\":{\"Note\":1}}", "\"\" is no type of a post" },
	{ ACTOR, "{" ID ",\"type\":\"Note\",\"inbox\":\"https://a.example/i\"}",
	  "\"Note\" is no type of an actor" },
	{ ACTOR, "{" ID ",\"type\":\"Person\"}", "the actor has no inbox that is an http(s) URI" },
	{ ACTOR, "{" ID ",\"type\":\"Person\",\"inbox\":\"file:///etc/passwd\"}",
	  "the actor has no inbox that is an http(s) URI" },
	{ ACTIVITY, "7", "the activity is no object" },
	{ ACTIVITY, "{" ID ",\"type\":\"Like\",\"object\":\"https://b.example/1\"}",
	  "the activity has no actor that is an http(s) URI" },
	{ ACTIVITY,
	  "{" ID ",\"type\":\"Like\",\"actor\":\"https://b.example/u\","
	  "\"object\":\"https://b.example/1\"}",
	  "the activity's id is not on its actor's host" },
	{ ACTIVITY, "{" ID ",\"actor\":\"https://a.example/u\"}", "the activity has no type" },
	{ ACTIVITY, "{" ID ",\"type\":\"Follow\",\"actor\":\"https://a.example/u\"}",
	  "the activity has no object" },
	{ COLLECTION, "{" ID ",\"type\":\"Note\"}", "the document is no collection" },
};

static int parse_view(struct ctx *c, enum view view, const struct json *j)
{
	const struct ap_object *object;
	const struct ap_actor *actor;
	const struct ap_activity *activity;
	const struct ap_collection *collection;

	switch (view) {
	case OBJECT:
		return ap_object_parse(c, j, &object);
	case ACTOR:
		return ap_actor_parse(c, j, &actor);
	case ACTIVITY:
		return ap_activity_parse(c, j, &activity);
	case COLLECTION:
		return ap_collection_parse(c, j, &collection);
	}
	return -1;
}

static void test_refusals(void **state)
{
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(refusals); i++) {
		const struct json *j = parse(c, str_c(refusals[i].text));

		c->error = STR_NULL;
		assert_int_equal(parse_view(c, refusals[i].view, j), E_INVALID);
		if (!str_eq_c(c->error, refusals[i].error))
			fail_msg("%s: " STR_FMT, refusals[i].text, STR_ARG(c->error));
	}
}

/* Limits */

/* Each '#' of the element becomes its number; objects are separated by commas. */
static str repeated(struct arena *a, const char *before, const char *element, size_t n,
		    const char *after)
{
	struct out o;

	out_init(&o, a, FILE_LIMIT);
	out_c(&o, before);
	for (size_t i = 0; i < n; i++) {
		if (i && *element == '{')
			out_char(&o, ',');
		for (const char *p = element; *p; p++) {
			if (*p == '#')
				out_i64(&o, (int64_t)i);
			else
				out_char(&o, *p);
		}
	}
	out_c(&o, after);
	return out_view(&o);
}

static const struct ap_object *object_of(struct ctx *c, str text)
{
	const struct ap_object *o = NULL;

	assert_int_equal(ap_object_parse(c, parse(c, text), &o), 0);
	return o;
}

#define NOTE "{" ID ",\"type\":\"Note\","

static void test_list_limits(void **state)
{
	struct ctx *c = *state;
	struct arena *a = c->arena;
	const struct ap_object *o;

	o = object_of(c,
		      repeated(a, NOTE "\"to\":[", "{\"id\":\"https://a.example/#\"}", 1500, "]}"));
	assert_int_equal(o->to.n, AP_RECIPIENT_LIMIT);
	o = object_of(c, repeated(a, NOTE "\"tag\":[",
				  "{\"type\":\"Mention\",\"href\":\"https://a.example/#\"}", 300,
				  "]}"));
	assert_int_equal(o->n_mentions, AP_MENTION_LIMIT);
	o = object_of(c, repeated(a, NOTE "\"tag\":[", "{\"type\":\"Hashtag\",\"name\":\"t#\"}",
				  300, "]}"));
	assert_int_equal(o->hashtags.n, AP_HASHTAG_LIMIT);
	o = object_of(c, repeated(a, NOTE "\"attachment\":[",
				  "{\"type\":\"Image\",\"url\":\"https://a.example/#.png\"}", 300,
				  "]}"));
	assert_int_equal(o->n_attachments, AP_ATTACHMENT_LIMIT);
	o = object_of(c, repeated(a, "{" ID ",\"type\":\"Question\",\"oneOf\":[",
				  "{\"name\":\"option #\"}", 300, "]}"));
	assert_int_equal(o->poll->n_options, AP_OPTION_LIMIT);
}

static void test_text_limits(void **state)
{
	struct ctx *c = *state;
	struct arena *a = c->arena;
	const struct ap_object *o;
	str text = repeated(a, NOTE "\"content\":\"", "x", AP_CONTENT_LIMIT + 1, "\"}");

	assert_int_equal(ap_object_parse(c, parse(c, text), &o), E_TOO_LARGE);
	o = object_of(c, repeated(a, NOTE "\"content\":\"", "x", AP_CONTENT_LIMIT, "\"}"));
	assert_int_equal(o->content.n, AP_CONTENT_LIMIT);
	o = object_of(c, repeated(a, NOTE "\"name\":\"", "\xc3\xa9", 700, "\"}"));
	assert_int_equal(o->name.n, AP_NAME_LIMIT);
	o = object_of(c, repeated(a, NOTE "\"name\":\"x", "\xc3\xa9", 700, "\"}"));
	assert_int_equal(o->name.n, AP_NAME_LIMIT - 1);
	o = object_of(c, repeated(a, NOTE "\"url\":\"https://a.example/", "x", 2048, "\"}"));
	assert_true(str_eq(o->url, o->id));
}

/* Trust */

static void test_visibility(void **state)
{
	static const struct {
		const char *to, *cc;
		enum ap_visibility want, want_blind; /* without knowing the followers' URI */
	} cases[] = {
		{ "\"as:Public\"", "null", AP_VISIBILITY_PUBLIC, AP_VISIBILITY_PUBLIC },
		{ "[\"https://a.example/u\",\"Public\"]", "[]", AP_VISIBILITY_PUBLIC,
		  AP_VISIBILITY_PUBLIC },
		{ "\"https://a.example/u/followers\"", "[\"" AP_PUBLIC_URI "\"]",
		  AP_VISIBILITY_UNLISTED, AP_VISIBILITY_UNLISTED },
		{ "{\"id\":\"https://a.example/u/followers\"}", "null", AP_VISIBILITY_FOLLOWERS,
		  AP_VISIBILITY_MENTIONED },
		{ "\"https://b.example/x\"", "\"https://a.example/u/followers\"",
		  AP_VISIBILITY_FOLLOWERS, AP_VISIBILITY_MENTIONED },
		{ "\"https://b.example/u/followers\"", "null", AP_VISIBILITY_MENTIONED,
		  AP_VISIBILITY_MENTIONED },
		{ "\"public\"", "\"https://www.w3.org/ns/activitystreams\"",
		  AP_VISIBILITY_MENTIONED, AP_VISIBILITY_MENTIONED },
		{ "null", "null", AP_VISIBILITY_MENTIONED, AP_VISIBILITY_MENTIONED },
	};
	struct ctx *c = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ap_object *o =
			object_of(c, str_fmt(c->arena, NOTE "\"to\":%s,\"cc\":%s}", cases[i].to,
					     cases[i].cc));

		assert_int_equal(ap_visibility_of(o, STR("https://a.example/u/followers")),
				 cases[i].want);
		assert_int_equal(ap_visibility_of(o, STR_NULL), cases[i].want_blind);
	}
}

static void test_same_host(void **state unused)
{
	static const struct {
		const char *one, *other;
		bool want;
	} cases[] = {
		{ "https://a.example/1", "https://a.example/2", true },
		{ "https://A.example/1", "https://a.EXAMPLE/2", true },
		{ "https://a.example/1", "https://a.example:443/2", true },
		{ "https://a.example/1", "https://a.example:8443/2", false },
		{ "https://a.example/1", "https://b.a.example/2", false },
		{ "https://a.example/1", "https://a.example.b/2", false },
		{ "https://a.example/1", "tag:a.example,1:1", false },
		{ "tag:a.example,1:1", "tag:a.example,1:1", false },
		{ NULL, "https://a.example/1", false },
		{ NULL, NULL, false },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (ap_same_host(str_c(cases[i].one), str_c(cases[i].other)) != cases[i].want)
			fail_msg("%s %s", cases[i].one, cases[i].other);
	}
}

#define LEMMY_ACTOR "https://lemmy.ml/u/pfefferle"

static void test_keys(void **state)
{
	struct ctx *c = *state;
	const struct json *actor = parse(
		c, file_read(c->arena, STR(VECTORS "permissive/lemmy/lemmy-ml-u-pfefferle.json")));
	const struct json *key =
		parse(c, file_read(c->arena,
				   STR(VECTORS "permissive/fedify-fixture/example.com_key.json")));
	struct ap_key k = { 0 };

	assert_int_equal(ap_key_parse(c, actor, STR(LEMMY_ACTOR "#main-key"), &k), 0);
	assert_true(str_eq_c(k.owner, LEMMY_ACTOR));
	assert_int_equal(ap_key_parse(c, actor, STR(LEMMY_ACTOR "#other"), &k), E_NOT_FOUND);
	assert_int_equal(ap_key_parse(c, key, STR("https://example.com/key"), &k), 0);
	assert_true(str_eq_c(k.owner, "https://example.com/person"));
	assert_int_equal(ap_key_parse(c, key, STR("https://example.com/key2"), &k), E_NOT_FOUND);
}

#define MULTIKEY "6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"

static void test_multikey(void **state)
{
	static const struct {
		const char *text, *hex; /* NULL: refused */
	} cases[] = {
		{ "", "" },	     { "1", "00" },
		{ "112", "000001" }, { "5Q", "ff" },
		{ "5R", "0100" },    { "StV1DL6CwTryKyV", "68656c6c6f20776f726c64" },
		{ "0", NULL },	     { "O", NULL },
		{ "l", NULL },	     { "5Q\xc3", NULL },
	};
	struct arena *a = ((struct ctx *)*state)->arena;
	str raw;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(base58_decode(a, str_c(cases[i].text), &raw),
				 cases[i].hex != NULL);
		if (cases[i].hex && !str_eq_c(hex_encode(a, raw), cases[i].hex))
			fail_msg("%s", cases[i].text);
	}
	assert_false(multikey_decode(a, STR("z6Mk"), &raw));
	assert_false(multikey_decode(a, STR(MULTIKEY), &raw));
	assert_true(multikey_decode(a, STR("z" MULTIKEY), &raw));
	assert_int_equal(raw.n, 44);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quirks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refusals, setup, teardown),
		cmocka_unit_test_setup_teardown(test_list_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_text_limits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_visibility, setup, teardown),
		cmocka_unit_test(test_same_host),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_multikey, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
