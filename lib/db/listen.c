/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * Invariant: the listening connection is open or on its way whenever there is a listener, and each
 * listener is told by an empty payload when its LISTEN has been answered: what was notified before
 * that moment may have been missed, what comes behind it is not.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/state.h"

struct listener {
	struct listener *next;
	char *channel;
	void (*fn)(void *arg, str payload);
	void *arg;
};

static void listened(struct group *g)
{
	struct listener *l = g->arg;
	struct conn *conn = g->conn;
	bool failed = g->failed, lost = g->lost;

	group_free(g);
	if (lost)
		return;
	if (failed)
		conn_lose(conn, "LISTEN was refused");
	else
		l->fn(l->arg, STR(""));
}

static void send_listen(struct conn *conn, struct listener *l)
{
	struct group *g = group_new(conn, listened, l);
	char *name = PQescapeIdentifier(conn->pg, l->channel, strlen(l->channel));
	char *sql;

	if (!name || asprintf(&sql, "listen %s", name) < 0)
		abort();
	group_command(g, sql);
	group_send(g);
	free(sql);
	PQfreemem(name);
}

static void on_ready(struct conn *conn)
{
	for (struct listener *l = conn->db->listeners; l && conn->state == CONN_READY; l = l->next)
		send_listen(conn, l);
}

static void on_notify(struct conn *conn, const char *channel, str payload)
{
	for (struct listener *l = conn->db->listeners; l; l = l->next)
		if (strcmp(l->channel, channel) == 0)
			l->fn(l->arg, payload);
}

void listen_init(struct db *db)
{
	conn_init(&db->listen, db);
	db->listen.on_ready = on_ready;
	db->listen.on_notify = on_notify;
}

void listen_done(struct db *db)
{
	conn_done(&db->listen);
	while (db->listeners) {
		struct listener *l = db->listeners;

		db->listeners = l->next;
		free(l->channel);
		free(l);
	}
}

int db_listen(struct db *db, const char *channel, void (*fn)(void *arg, str payload), void *arg)
{
	struct listener *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	*l = (struct listener){ db->listeners, strdup(channel), fn, arg };
	if (!l->channel) {
		free(l);
		return -ENOMEM;
	}
	db->listeners = l;
	db->listen.always = true;
	if (db->listen.state == CONN_READY)
		send_listen(&db->listen, l);
	else
		conn_open(&db->listen);
	return 0;
}
