-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The row of a host, made when it is new.
-- name: server_of_host :one server_id
with made as (
    insert into servers (host)
    select :host
    where not exists (select from servers where host = :host)
    on conflict (host) do nothing
    returning id
)
select id as "id!" from made
union all
select id from servers where host = :host
limit 1;

-- One server.
-- name: server_by_id :one server
select id, host, software, version, signature_form, failures, retry_after, last_success, last_failure, state
from servers
where id = :id;

-- An exchange worked: the breaker closes. Rows that it kept waiting are due.
-- name: server_worked :exec
update servers
set failures = 0,
    retry_after = null,
    last_success = now()
where id = :id;

-- An exchange failed. The breaker opens at once when nothing was answered (hard) or the server asks for time, else
-- after five failures on end: for 30 seconds, doubled each time, an hour at most. What fails while it is open already
-- counts once.
-- name: server_failed :exec
update servers
set failures = failures + 1,
    last_failure = now(),
    retry_after = case
        when :hard or failures >= 4 or :retry_after > interval '0' then now() + greatest(:retry_after::interval,
            least(interval '30 seconds' * power(2, least(failures, 7)), interval '1 hour'))
    end
where id = :id
    and (retry_after is null or retry_after <= now());

-- The form of signature that was accepted.
-- name: server_prefers :exec
update servers
set signature_form = :form
where id = :id
    and signature_form <> :form;

-- What its NodeInfo says.
-- name: server_told :exec
update servers
set software = :software,
    version = :version,
    nodeinfo = :nodeinfo
where id = :id;
