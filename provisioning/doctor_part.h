/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Inside of the doctor: what its files share. */
#ifndef PROVISIONING_DOCTOR_PART_H
#define PROVISIONING_DOCTOR_PART_H

#include <stdbool.h>

#include "base/attr.h"
#include "base/ctx.h"
#include "base/str.h"
#include "json/write.h"
#include "provisioning/command.h"

struct domain;

struct doctor {
	struct call *call;
	struct ctx *c;
	struct json_out *w;
	bool well;
	bool local; /* leave out what another version of the programs would find as well */
};

/* A finding, with what to do when it is not well. */
void doctor_put(struct doctor *d, const char *check, bool well, str says, const char *advice);
/* The same, of something that the installation can live with: it is told and nothing fails by it. */
void doctor_note(struct doctor *d, const char *check, bool well, str says, const char *advice);

/* doctor_machine.c: this machine, without the database. */
void doctor_machine(struct doctor *d);

/* doctor_world.c: what is between this installation and the world. */
void doctor_mail(struct doctor *d);
void doctor_proxy(struct doctor *d, const struct domain *domain);
int doctor_certificates(struct doctor *d, const struct domain *domain) must_check;
void doctor_authority(struct doctor *d);

#endif
