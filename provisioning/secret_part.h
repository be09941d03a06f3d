/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* secret_part: what the halves of secret_store share. */
#ifndef PROVISIONING_SECRET_PART_H
#define PROVISIONING_SECRET_PART_H

#include <sys/stat.h>

#include "provisioning/secret_store.h"

const char *secret_plain_path(struct ctx *c, str name);
const char *secret_sealed_path(struct ctx *c, str name);

/* Nobody else changes anything until the descriptor is closed. Makes both directories. */
int secret_lock(struct ctx *c, int *ret) must_check;

bool secret_is_file(const char *path);
/* E_NOT_FOUND when there is none; E_INVALID when it is empty or too long. st may be NULL. */
int secret_file_read(struct ctx *c, const char *path, str *ret, struct stat *st) must_check;
/* Whole or not at all; its directory is made. */
int secret_file_write(struct ctx *c, const char *path, str text, unsigned mode) must_check;
/* It may be gone already. */
int secret_file_remove(struct ctx *c, const char *path) must_check;

/* Encrypted for this machine, in base64 without line ends, and opened again for a trial. E_UNSUPPORTED and why. */
int secret_seal(struct ctx *c, str value, str *ret) must_check;
/* E_FORBIDDEN and why. */
int secret_open(struct ctx *c, str sealed, str *ret) must_check;

#endif
