/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* device: what a browser keeps of an account having been in with it: its tries are counted apart from all others. */
#ifndef MODEL_DEVICE_H
#define MODEL_DEVICE_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#define DEVICE_LIFETIME (400 * USEC_DAY)

/* For an account's address on the ctx's tenant. It opens nothing. */
int device_make(struct ctx *c, str email, str *ret) must_check;
bool device_is_known(struct ctx *c, str email, str device);

#endif
