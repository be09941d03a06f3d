/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * secret_store: the secrets of this machine that units take as credentials (systemd.exec(5)), each the file rookery.NAME:
 * plain in secrets_path, or sealed in sealed_path, which is encrypted by the machine's TPM where there is one and else by a
 * key of its disk (systemd-creds(1)). What is sealed reaches units by drop-ins that are written here. A plain file goes
 * before a sealed one, for systemd as well as here, so whoever puts a file there is heard at the unit's next start.
 */
#ifndef PROVISIONING_SECRET_STORE_H
#define PROVISIONING_SECRET_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#define SECRET_LIMIT 16384 /* bytes of one */

/* That a unit's file asks for: LoadCredential=ID:rookery.NAME. */
struct secret_use {
	str unit, id, name;
};

/* Of all our units, sorted by secret and unit; a unit of the first directory of units_path hides those of later ones. */
int secret_uses(struct ctx *c, const struct secret_use **ret, size_t *ret_n) must_check;

enum secret_state {
	SECRET_NONE,
	SECRET_PLAIN,
	SECRET_BY_TPM, /* sealed: without this machine's TPM nobody reads it */
	SECRET_BY_DISK, /* sealed by a key that lies on the disk as well */
	SECRET_SEALED, /* by something else that systemd knows */
	SECRET_BROKEN, /* sealed, and this machine cannot open it */
};

/* Tried, when it is sealed. E_FORBIDDEN when who asks may not know. */
int secret_judge(struct ctx *c, str name, enum secret_state *ret) must_check;

/* E_NOT_FOUND; E_FORBIDDEN when it cannot be read or opened. */
int secret_read(struct ctx *c, str name, str *ret) must_check;
/* A plain file, where there is no such secret yet: E_CONFLICT. */
int secret_make(struct ctx *c, str name, str value) must_check;

/* What came of the following. Files of two of them never mix: the later one waits. */
struct secret_settled {
	size_t sealed; /* plain files that became sealed ones */
	size_t plain; /* sealed ones that became plain files */
	str broken; /* names of those that this machine cannot open, between spaces: units start without them */
	str left; /* why secrets are plain that should not be; empty: none are */
	str why; /* the last one is broken */
	bool changed; /* what systemd knows of units */
};

/*
 * Brings drop-ins in line with what there is, and seals what is plain when may_seal is set. A plain file goes last, when
 * what replaces it was opened and systemd knows of it, so that whatever happens in between nothing is lost; and another
 * value that was sealed before is kept as rookery.NAME.before.
 */
int secret_settle(struct ctx *c, bool may_seal, struct secret_settled *ret) must_check;
/* Sets one, sealed; or plain, when that is asked for or cannot be. And settles. */
int secret_put(struct ctx *c, str name, str value, bool plain,
	       struct secret_settled *ret) must_check;
/* With what was kept of it before. */
int secret_remove(struct ctx *c, str name, struct secret_settled *ret) must_check;
/* All become plain files. E_FORBIDDEN when one of them cannot be opened: then nothing is changed. */
int secret_unseal(struct ctx *c, struct secret_settled *ret) must_check;

#endif
