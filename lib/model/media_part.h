/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the files of media (media.c, media_upload.c, media_file.c, media_remote.c) share. Nothing else
 * includes this.
 */
#ifndef MODEL_MEDIA_PART_H
#define MODEL_MEDIA_PART_H

#include "model/media.h"

#define MEDIA_PATH "/media/"
#define MEDIA_STILL "/still" /* behind a moving avatar's address: its form without motion */
#define PROXY_PATH "/proxy/"
#define PROXY_PREVIEW "/small"
#define PROXY_MAC_SIZE 16 /* bytes of the signature, of 32 */
#define PROXY_URL_LIMIT 2048

/* The signature of an address under the ctx's tenant, as it stands in the path. */
str media_proxy_signature(struct ctx *c, str remote_url);

#endif
