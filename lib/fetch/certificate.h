/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* certificate: what a host shows to those who connect to it by TLS, whether or not they would trust it. */
#ifndef FETCH_CERTIFICATE_H
#define FETCH_CERTIFICATE_H

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"

struct fetch_certificate {
	str issuer; /* empty: it showed none */
	usec begins, expires; /* 0: not known */
	str problem; /* why others do not trust it, or did not get that far; empty: they do */
};

/*
 * Connects to a host ("kea.example", perhaps with a port) as browsers do, sends nothing, and looks. What does not work
 * is the answer's problem and no error; E_REFUSED when the guard does not let it.
 */
int fetch_certificate(struct ctx *c, str host, struct fetch_certificate *ret) must_check;

#endif
