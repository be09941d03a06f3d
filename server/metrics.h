/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Counters of this process, shared by its loops; shown at /metrics in Prometheus' text format. */
#ifndef SERVER_METRICS_H
#define SERVER_METRICS_H

#include "base/ctx.h"
#include "base/out.h"

void metrics_count_response(int status);
void metrics_count_statements(unsigned n);
void metrics_set_streams(unsigned n);
void metrics_write(struct out *o);

#endif
