/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * media: pictures, video and sound: uploads on their way into posts, avatars and banners, custom
 * emoji, and the media of other servers, which are shown through a signed proxy. Bytes are stored
 * once under the name of their digest; whoever names a file in a row keeps it (the trigger
 * media_refer() of sql/schema/0008 counts), and what nobody names goes an hour later. Everything
 * that has to be decoded is decoded by a sandboxed worker (media/worker.h), never here.
 */
#ifndef MODEL_MEDIA_H
#define MODEL_MEDIA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "model/graph.h"
#include "sql/gen/media.h"

struct identity_row;

extern const struct graph attachment_graph; /* of uploads */
extern const struct graph media_file_graph; /* of stored files */

#define MEDIA_IMAGE_LIMIT (16 * 1024 * 1024) /* bytes of an uploaded picture */
#define MEDIA_VIDEO_LIMIT (99 * 1024 * 1024) /* bytes of uploaded video and sound */
#define MEDIA_EMOJI_LIMIT (256 * 1024) /* bytes of a custom emoji */
#define MEDIA_PIXEL_LIMIT 40000000 /* pixels of a picture, all its frames together */
#define MEDIA_DESCRIPTION_LIMIT 1500 /* characters */
#define MEDIA_PER_POST 4 /* attachments */
#define MEDIA_QUOTA (10LL * 1024 * 1024 * 1024) /* bytes of a tenant, when nobody said otherwise */

/* The media types that may be uploaded, NULL-ended; the instance document lists them. */
extern const char *const media_upload_types[];

enum media_kind { MEDIA_KIND_UNKNOWN, MEDIA_KIND_IMAGE, MEDIA_KIND_VIDEO, MEDIA_KIND_AUDIO };
/* By the media type; pictures that no browser shows safely (SVG) are unknown. */
enum media_kind media_kind_of_type(str media_type);

/*
 * An attachment as pages and the API show it. URLs are whole and on a host of ours: a remote file's
 * leads through the proxy.
 */
struct status_media {
	int64_t id;
	enum media_kind kind;
	str media_type;
	str url; /* empty: it is still worked on, or cannot be shown */
	str preview_url; /* small form; empty: none */
	str remote_url; /* where it is on its own server; empty: it is ours */
	str description, blurhash, colour;
	int64_t width, height; /* pixels; 0: not known */
	int64_t preview_width, preview_height; /* likewise */
	double duration; /* seconds; 0: not known */
	double focus_x, focus_y; /* -1 to 1 */
};
struct status_media media_of_row(struct ctx *c, const struct attachment_row *a);

/* The address of a stored file under the tenant that refers to it; the empty str for no file. */
str media_url(struct ctx *c, int64_t domain_id, str file);

/*
 * The address under which this tenant shows something of another server: signed, so that the proxy
 * serves nothing but what we ourselves pointed to. The same for the same address; no statement. What
 * is on this tenant's own host, and what is no http(s) address, comes back as it is. The preview is
 * a small WebP picture, without motion.
 */
str media_proxy_url(struct ctx *c, str remote_url);
str media_proxy_preview_url(struct ctx *c, str remote_url);

/* Addresses of an identity's pictures to show, empty where there is none; "static" without motion. */
struct media_portrait {
	str avatar, avatar_static, header, header_static;
};
struct media_portrait media_portrait_of(struct ctx *c, const struct identity_row *i);

/*
 * Uploads. A draft is stored durably and worked on by the stator: media_upload returns at once with
 * an attachment that has no url yet; media_upload_now works on it here and returns it ready.
 * E_UNPROCESSABLE for what is no picture, video or sound that we take or over the limit of its kind,
 * E_OVER_QUOTA, E_LATER when all workers are busy for long. Not inside a transaction.
 */
struct media_draft {
	str bytes;
	str thumbnail; /* bytes of a picture that stands for video or sound; null: none */
	str description; /* plain text; may be null */
	double focus_x, focus_y; /* -1 to 1 */
};
int media_upload(struct ctx *c, const struct media_draft *d,
		 const struct attachment_row **ret) must_check;
int media_upload_now(struct ctx *c, const struct media_draft *d,
		     const struct attachment_row **ret) must_check;
/* "0.5,-0.25" to a focal point; false for anything else. */
bool media_focus_parse(str text, double *ret_x, double *ret_y) must_check;

/* The acting identity's own upload that no post has yet; else E_NOT_FOUND. */
int media_upload_get(struct ctx *c, int64_t id, const struct attachment_row **ret) must_check;
/* Changes what it says (null members of d stay as they are; the focal point is set when has_focus). */
int media_upload_edit(struct ctx *c, int64_t id, const struct media_draft *d, bool has_focus,
		      const struct attachment_row **ret) must_check;
/* Forgets it: file and quota are free again. */
int media_upload_delete(struct ctx *c, int64_t id) must_check;

/*
 * Takes the acting identity's uploads into its post, in this order (inside the transaction that
 * writes the post). E_UNPROCESSABLE when one is not there, in another post, or still worked on, when
 * there are more than MEDIA_PER_POST, or video or sound beside others. An edited post passes all that
 * it has from now on: what is left out is deleted. post_id 0 keeps them for a scheduled post, which
 * takes them later in the same way.
 */
int media_attach(struct ctx *c, int64_t post_id, i64s ids) must_check;

/*
 * Pictures of people, places and emoji. Stores the bytes in the form of their use: an avatar is cut
 * to at most 400x400, a header to at most 1500x500, an emoji stays as it is (PNG, WebP or GIF). A
 * moving one has a form without motion as well. An icon becomes a PNG of 512x512, and the form
 * without motion is the same with 192x192. Nobody refers to the files yet: name them in a
 * column that has the trigger media_refer() within the hour. Not inside a transaction; errors as
 * above.
 */
enum media_use { MEDIA_AVATAR, MEDIA_HEADER, MEDIA_EMOJI, MEDIA_ICON };
struct media_picture {
	str file, file_static; /* names; file_static is file itself for one without motion */
	str media_type;
	str url, url_static; /* under the ctx's tenant */
};
int media_store_picture(struct ctx *c, str bytes, enum media_use use,
			struct media_picture *ret) must_check;

/*
 * Stores bytes as the avatar or header of a local identity of the ctx's tenant and sets icon_* or
 * image_* of its row; null bytes take the picture away. Telling the followers is the caller's
 * (identity_edit and what it does).
 */
int media_set_picture(struct ctx *c, int64_t identity_id, enum media_use use, str bytes) must_check;

/* What a tenant uses of its quota. */
int media_quota(struct ctx *c, const struct media_quota_row **ret) must_check;

/*
 * Serving: what stands behind an address, as an open file. E_NOT_FOUND for what the ctx's tenant
 * does not refer to.
 */
struct media_file {
	int fd; /* the caller's; -1: it is elsewhere, see location */
	str name;
	str media_type;
	str location; /* public address of an S3 store that others read from directly; else empty */
};
int media_open(struct ctx *c, str name, struct media_file *ret) must_check;
/* The form without motion of a moving avatar or header of that name. */
int media_open_still(struct ctx *c, str name, struct media_file *ret) must_check;
/*
 * What the proxy shows: the parts of its path as they came. E_NOT_FOUND for a wrong signature, and
 * for what is no picture, video or sound; E_REMOTE, E_LATER and E_REFUSED as fetch().
 */
int media_open_remote(struct ctx *c, str signature, str encoded, bool preview,
		      struct media_file *ret) must_check;

/* The stator's part. An upload is worked on: *ret_state is "unattached" or "failed". */
int media_work(struct ctx *c, int64_t attachment_id, const char **ret_state) must_check;
/* The bytes of a file that nobody refers to are removed. */
int media_file_remove(struct ctx *c, int64_t id) must_check;
/* Lets go of the least used of the cache of remote media; how many. */
int media_evict(struct ctx *c, int64_t *ret_n) must_check;

#endif
