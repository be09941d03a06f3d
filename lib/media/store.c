/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: a name that is no name never becomes a path or an address. */
#include "media/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tally.h"
#include "crypt/hash.h"
#include "fetch/fetch.h"
#include "loop/fiber.h"
#include "media/store_part.h"

#define DIGITS 64
#define ENDING_LIMIT 5

int store_new(const struct store_options *o, struct store **ret)
{
	struct store *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->options = *o;
	s->kind = *o->s3 ? &store_s3 : &store_directory;
	*ret = s;
	return 0;
}

void store_free(struct store *s)
{
	if (!s)
		return;
	if (s->options.fetch)
		fetch_free(s->options.fetch);
	free(s);
}

struct digest {
	struct arena *arena;
	str bytes, digest;
};

static void compute(void *arg)
{
	struct digest *d = arg;

	d->digest = hash_sha256(d->arena, d->bytes);
}

str store_name(struct ctx *c, str bytes, const char *ending)
{
	struct digest d = { .arena = arena_new(), .bytes = bytes };
	str name;

	offload(compute, &d);
	name = str_fmt(c->arena, "%.*s.%s", STR_ARG(hex_encode(c->arena, d.digest)), ending);
	arena_free(d.arena);
	return name;
}

bool store_is_name(str name)
{
	if (name.n < DIGITS + 3 || name.n > DIGITS + 1 + ENDING_LIMIT || name.p[DIGITS] != '.')
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char ch = name.p[i];
		bool digit = char_is_digit(ch);

		if (i < DIGITS	 ? !digit && (ch < 'a' || ch > 'f')
		    : i > DIGITS ? !digit && (ch < 'a' || ch > 'z')
				 : false)
			return false;
	}
	return true;
}

int store_put(struct ctx *c, struct store *s, str name, str media_type, str bytes)
{
	if (!store_is_name(name))
		return E_INVALID;
	TRY(s->kind->put(c, s, name, media_type, bytes));
	tally_add(TALLY_STORE_FILES, 1);
	tally_add(TALLY_STORE_BYTES, (int64_t)bytes.n);
	return 0;
}

int store_open(struct ctx *c, struct store *s, str name, int *ret_fd)
{
	return store_is_name(name) ? s->kind->open(c, s, name, ret_fd) : E_NOT_FOUND;
}

int store_read(struct ctx *c, struct store *s, str name, int fd)
{
	assert(s->kind->read);
	return store_is_name(name) ? s->kind->read(c, s, name, fd) : E_NOT_FOUND;
}

int store_size(struct ctx *c, struct store *s, str name, int64_t *ret)
{
	return store_is_name(name) ? s->kind->size(c, s, name, ret) : E_NOT_FOUND;
}

bool store_fits(int fd, str name)
{
	cleanup(arena_freep) struct arena *a = arena_new();
	cleanup(store_view_done) struct store_view view = { 0 };
	struct digest d = { .arena = a };

	if (!store_is_name(name) || store_view(fd, &view))
		return false;
	d.bytes = view.bytes;
	offload(compute, &d);
	return str_eq(hex_encode(a, d.digest), str_slice(name, 0, DIGITS));
}

int store_remove(struct ctx *c, struct store *s, str name)
{
	return store_is_name(name) ? s->kind->remove(c, s, name) : 0;
}

str store_location(struct ctx *c, const struct store *s, str name)
{
	if (!*s->options.s3 || !*s->options.public_url)
		return STR("");
	return str_fmt(c->arena, "%s/%.*s", s->options.public_url, STR_ARG(name));
}

int store_scratch(const struct store *s, int *ret_fd)
{
	int fd = open(s->options.directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);

	/* Some file systems have no files without a name. */
	if (fd < 0) {
		char path[4096];
		int n = snprintf(path, sizeof(path), "%s/scratch-XXXXXX", s->options.directory);

		if (n < 0 || (size_t)n >= sizeof(path))
			return -ENAMETOOLONG;
		fd = mkostemp(path, O_CLOEXEC);
		if (fd < 0)
			return -errno;
		unlink(path);
	}
	*ret_fd = fd;
	return 0;
}

int store_read_only(int fd, int *ret_fd)
{
	char path[64];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	if (again < 0)
		return -errno;
	*ret_fd = again;
	return 0;
}

int store_view(int fd, struct store_view *ret)
{
	struct stat st;
	void *p;

	if (fstat(fd, &st))
		return -errno;
	if (st.st_size == 0) {
		ret->bytes = STR("");
		return 0;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	ret->bytes = (str){ p, (size_t)st.st_size };
	return 0;
}

void store_view_done(struct store_view *v)
{
	if (v->bytes.n)
		munmap((void *)(uintptr_t)v->bytes.p, v->bytes.n);
	v->bytes = STR_NULL;
}

int store_check(struct ctx *c, struct store *s)
{
	str bytes = random_bytes(c->arena, 32), name = store_name(c, bytes, "bin");
	struct store_view v;
	int fd, result;

	TRY(store_put(c, s, name, STR("application/octet-stream"), bytes));
	TRY(store_open(c, s, name, &fd));
	result = store_view(fd, &v);
	if (!result) {
		result = str_eq(v.bytes, bytes) ? 0 : fail(c, E_LATER, "it gives back other bytes");
		store_view_done(&v);
	}
	close(fd);
	TRY(result);
	return store_remove(c, s, name);
}
