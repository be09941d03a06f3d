/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: nothing but tally_add() writes these. */
#include "base/tally.h"

int64_t tally_counters[TALLIES];
