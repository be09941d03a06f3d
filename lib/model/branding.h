/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * branding: how the pages of the ctx's tenant look: icon, banner, a style sheet of its own, what stands at their foot. Name,
 * description and accent colour are settings of the instance. The caller has judged that the acting staff may; all is written down.
 */
#ifndef MODEL_BRANDING_H
#define MODEL_BRANDING_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

#define FOOTER_LIMIT 1000 /* characters */

/* Another picture; null bytes take it away. Errors as media_store_picture(). Not inside a transaction. */
int branding_set_icon(struct ctx *c, str bytes) must_check;
int branding_set_banner(struct ctx *c, str bytes) must_check;
/* As css_judge(). */
int branding_set_style(struct ctx *c, str style) must_check;
/* Plain text, and "auto", "light" or "dark"; E_INVALID. */
int branding_set_frame(struct ctx *c, str footer, str theme) must_check;

#endif
