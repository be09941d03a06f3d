/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* The only door to libqrencode. */
#ifndef SERVER_WEB_QR_H
#define SERVER_WEB_QR_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#define QR_TEXT_LIMIT 1000 /* bytes */

/* A text as a picture that cameras read (ISO/IEC 18004), dark on light with its margin: SVG. E_TOO_LARGE. */
int qr_svg(struct ctx *c, str text, str *ret) must_check;

#endif
