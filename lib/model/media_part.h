/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* What the files of media (media*.c) share. Nothing else includes this. */
#ifndef MODEL_MEDIA_PART_H
#define MODEL_MEDIA_PART_H

#include <unistd.h>

#include "media/media.h"
#include "model/media.h"

#define MEDIA_PATH "/media/"
#define MEDIA_STILL "/still" /* behind a moving avatar's address: its form without motion */
#define PROXY_PATH "/proxy/"
#define PROXY_PREVIEW "/small"
#define PROXY_MAC_SIZE 16 /* bytes of the signature, of 32 */
#define PROXY_URL_LIMIT 2048

/* The signature of an address under the ctx's tenant, as it stands in the path. */
str media_proxy_signature(struct ctx *c, str remote_url);

/* Stores bytes of a format under their name; nobody refers to it yet (media_refer() in the schema). */
int media_keep(struct ctx *c, str bytes, enum format_id id, str *ret_name) must_check;
/*
 * The same of an archive: no address shows it to anybody, as media_file_of_tenant knows by its type. And opens it, or
 * another file that is not for everybody, for its owner or for work; never elsewhere than here.
 */
int media_keep_archive(struct ctx *c, str bytes, str *ret_name) must_check;
int media_open_own(struct ctx *c, str name, struct media_file *ret) must_check;
/* Opens what stands under that name, whoever refers to it. */
int media_open_stored(struct ctx *c, str name, str type, struct media_file *ret) must_check;
/* E_OVER_QUOTA when the ctx's tenant has no room for so many more bytes. */
int media_need_room(struct ctx *c, size_t bytes) must_check;

/* A file that is worked on: from the store, or what came. */
struct media_input {
	int fd; /* read-only */
	struct store_view view;
};
int media_input_of_bytes(str bytes, struct media_input *ret) must_check;
int media_input_of_fd(int fd, struct media_input *ret) must_check; /* takes fd over, in any case */
void media_input_done(struct media_input *in);

static inline void media_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#endif
