/* SPDX-License-Identifier: AGPL-3.0-or-later */
/*
 * What the configuration of the programs says: one table of options (conf/conf.h) for all of them.
 * Filled once at start; read-only afterwards.
 */
#ifndef MODEL_SETTINGS_H
#define MODEL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/str.h"
#include "conf/conf.h"

struct settings {
	const char
		*database; /* libpq connection string, without a user: each program adds its role */
	const char *listen; /* public socket: host:port or /path, when systemd passed none */
	const char *admin_listen; /* private socket for health, metrics and certificates */
	const char *console_host; /* name under which the console is served; empty: nowhere */
	const char *
		trusted_proxy; /* addresses whose X-Forwarded-* are believed: "127.0.0.1 ::1 unix" */
	const char *fetch_allow; /* see struct fetch_options.allow; for development and tests */
	const char *ca_file; /* CA bundle for outgoing TLS; empty: the system's */
	const char *courier; /* socket of the courier that makes deliveries once; empty: none */
	const char *worker_name; /* of a stator; empty: the host's name */
	const char *log_level;
	const char *source_url; /* where the source of this very program is (AGPL-3.0, 13) */
	int64_t server_threads; /* loops; 0: one per core */
	int64_t offload_threads; /* 0: one per core */
	int64_t database_sessions; /* exclusive sessions per loop */
	int64_t deliveries; /* exchanges with other servers at once, per stator */
	int64_t deliveries_per_host;
	int64_t fetch_timeout; /* seconds that an exchange with another server may take */
	int64_t rate_limits; /* of what programs may ask, percent of the usual; 0: no limits */
	int64_t request_timeout; /* seconds that a client may take */
	int64_t remember_seconds; /* that strangers may share an answer; 0: none is shared */
	int64_t stream_heartbeat; /* seconds between signs of life on a stream */
	const char *media_path; /* directory of files */
	const char *media_worker; /* program; empty: beside this one */
	int64_t media_workers; /* files decoded at once, per loop */
	int64_t media_cache_size; /* MiB of remote media */
	const char *media_s3; /* store of objects; empty: media_path */
	const char *media_s3_region, *media_s3_key, *media_s3_secret;
	const char *media_s3_allow; /* as fetch_allow, for the store alone */
	const char *media_public_url; /* where others read the store; empty: through us */
	const char *smtp_server; /* where letters go, see struct mail_server.url; empty: nowhere */
	const char *smtp_user, *smtp_password;
	const char *mail_from; /* address that writes for tenants without their own */
	const char
		*log_files; /* where the programs write, without a journal; empty: nobody knows */
	bool traceparent; /* of the trusted proxy is believed */
	int64_t metrics_tenants; /* that are counted by name */
	const char *
		acme_directory; /* of the authority that the proxy gets certificates from; empty: none */
	const char *
		database_path; /* where its disk is, when that is this machine's; empty: as usual, or elsewhere */
	const char *secrets_path, *sealed_path; /* secrets of this machine: secret_store.h */
	const char *units_path; /* directories, between colons */
	const char *notices_path; /* directory, see provisioning/notice.h */
	const char *versions_path; /* file, see provisioning/versions.h */
	int64_t disk_warn, disk_refuse, disk_read_only; /* percent used, see model/disk.h */
	int64_t disk_interval; /* seconds from look to look */
	const char *backup_repository; /* see backup_repository.h; empty: no backups are made */
	const char *
		backup_cluster; /* data directory of PostgreSQL; empty: it is not ours, and is dumped */
	const char *backup_socket; /* directory of that PostgreSQL's socket; empty: the usual one */
	const char
		*backup_unit; /* of that PostgreSQL; empty: it is started and stopped by pg_ctl */
	const char *backup_run; /* directory of what the tools are told, on a memory disk */
	const char *backup_s3_region, *backup_s3_key;
	bool backup_s3_path_style;
	const char *backup_ssh_host_key; /* of the SFTP server: "ssh-ed25519 AAAA..." */
	bool backup_media; /* files are backed up too */
	const char *backup_configuration; /* files and directories of this machine's own */
	int64_t backup_days; /* that can be gone back */
	int64_t backup_fulls; /* full backups that are kept; 0: those of backup_days */
	int64_t backup_full_every; /* days from one full backup to the next */
	int64_t backup_queue; /* MiB of log that may wait for the repository */
	bool development; /* plain http origins and handles with a port are allowed */
};

extern const struct conf_option settings_table[];
extern const size_t settings_count;

#define SETTINGS_FILE "/etc/rookery/rookery.conf"

#endif
