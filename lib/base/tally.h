/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * tally: counters of the process, for its metrics. Doors count what passes them; whoever shows the numbers reads all.
 * Each only grows and is one atomic, so that any thread may count and no lock is ever waited for.
 */
#ifndef BASE_TALLY_H
#define BASE_TALLY_H

#include <stdint.h>

enum tally_id {
	TALLY_DB_CONNECTS, /* connections to the database that were made */
	TALLY_DB_LOSSES, /* and lost */
	TALLY_DB_WAITS, /* statements and transactions that had to wait for their turn */
	TALLY_DB_WAIT_USEC, /* for so long together */
	TALLY_DB_TIMEOUTS, /* whose turn never came */
	TALLY_FETCH_2XX, /* exchanges with other servers by what came of them; in this order */
	TALLY_FETCH_3XX,
	TALLY_FETCH_4XX,
	TALLY_FETCH_5XX,
	TALLY_FETCH_REFUSED, /* by the guard */
	TALLY_FETCH_FAILED, /* no answer, or none that could be used */
	TALLY_FETCH_USEC,
	TALLY_WORKER_RUNS, /* files that were decoded, or not */
	TALLY_WORKER_FAILURES,
	TALLY_WORKER_USEC,
	TALLY_STORE_BYTES, /* written to the store of files */
	TALLY_STORE_FILES,
	TALLY_RECALLED, /* answers to strangers that were not made anew */
	TALLIES
};

extern int64_t tally_counters[TALLIES];

static inline void tally_add(enum tally_id id, int64_t n)
{
	__atomic_add_fetch(&tally_counters[id], n, __ATOMIC_RELAXED);
}

static inline int64_t tally_read(enum tally_id id)
{
	return __atomic_load_n(&tally_counters[id], __ATOMIC_RELAXED);
}

#endif
