/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * archive: all that an identity has, as one file (ZIP) in the form of Mastodon's: actor.json, outbox.json with every
 * post as its author sees it, likes.json, bookmarks.json, the files of posts and portraits, and the tables of export.h.
 * Asked for, packed by the stator, for its owner alone; some days later it goes, and the next may be asked for.
 * What is brought along in such a form is an import (import_archive.h).
 */
#ifndef MODEL_ARCHIVE_H
#define MODEL_ARCHIVE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "model/graph.h"
#include "model/media.h"
#include "sql/gen/archive.h"

extern const struct graph archive_graph;

#define ARCHIVE_DAYS 7 /* that one stays, and until the next */
#define ARCHIVE_BYTES (2LL * 1024 * 1024 * 1024) /* of all in one; files beyond are left out */

/* Has one packed for the acting identity. E_UNPROCESSABLE: there is one. */
int archive_ask(struct ctx *c) must_check;
/* The acting identity's latest; E_NOT_FOUND: none. */
int archive_latest(struct ctx *c, const struct archive_row **ret) must_check;
/* One of the acting identity, open, and the name to save it under. E_NOT_FOUND for another's, and for one that is over. */
int archive_open(struct ctx *c, int64_t id, struct media_file *ret, str *ret_name) must_check;

/* The stator's part: packs one; *ret_state is "ready" or "failed". */
int archive_pack(struct ctx *c, int64_t id, const char **ret_state) must_check;

#endif
