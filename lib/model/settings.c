/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Invariant: every member of struct settings has one row here; a unit test walks the table. */
#include "model/settings.h"

#include <stddef.h>

#define AT(member) offsetof(struct settings, member)

const struct conf_option settings_table[] = {
	{ "database", CONF_STRING, "dbname=rookery", 0, 0, AT(database),
	  "PostgreSQL connection string without a user; each program adds its own role" },
	{ "listen", CONF_STRING, "", 0, 0, AT(listen),
	  "Public address (host:port or /path) when systemd passes no socket named http" },
	{ "admin_listen", CONF_STRING, "", 0, 0, AT(admin_listen),
	  "Private address for health, metrics and certificates when systemd passes none named admin" },
	{ "trusted_proxy", CONF_STRING, "unix", 0, 0, AT(trusted_proxy),
	  "Peers whose X-Forwarded headers are believed: addresses, or unix for any unix socket" },
	{ "fetch_allow", CONF_STRING, "", 0, 0, AT(fetch_allow),
	  "Private addresses that may be fetched from, address:port; for development and tests" },
	{ "ca_file", CONF_STRING, "", 0, 0, AT(ca_file),
	  "Certificates that outgoing TLS trusts; empty: the system's" },
	{ "courier", CONF_STRING, "", 0, 0, AT(courier),
	  "Socket of the courier, which makes each delivery once even if a stator is killed; empty: none" },
	{ "worker_name", CONF_STRING, "", 0, 0, AT(worker_name),
	  "Name of this stator among all; empty: the host's name" },
	{ "log_level", CONF_STRING, "info", 0, 0, AT(log_level), "error, warning, info or debug" },
	{ "server_threads", CONF_INT, "0", 0, 256, AT(server_threads),
	  "Loops that serve requests; 0: one per core" },
	{ "offload_threads", CONF_INT, "0", 0, 256, AT(offload_threads),
	  "Threads for signing and hashing; 0: one per core" },
	{ "database_sessions", CONF_INT, "4", 1, 100, AT(database_sessions),
	  "Connections for transactions, per loop" },
	{ "deliveries", CONF_INT, "256", 1, 4096, AT(deliveries),
	  "Exchanges with other servers under way at once, per stator" },
	{ "deliveries_per_host", CONF_INT, "4", 1, 64, AT(deliveries_per_host),
	  "Of these, to one host" },
	{ "fetch_timeout", CONF_INT, "15", 1, 300, AT(fetch_timeout),
	  "Seconds that an exchange with another server may take" },
	{ "request_timeout", CONF_INT, "30", 1, 600, AT(request_timeout),
	  "Seconds that a client may take to send its request" },
	{ "stream_heartbeat", CONF_INT, "30", 1, 600, AT(stream_heartbeat),
	  "Seconds between signs of life on streams of the client API" },
	{ "development", CONF_BOOL, "false", 0, 0, AT(development),
	  "Plain http origins and domains with a port are allowed" },
};

const size_t settings_count = ARRAY_SIZE(settings_table);
