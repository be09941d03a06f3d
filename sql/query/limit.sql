-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Rules of the host and of the tenant for any of these host names; with limited federation what is not allowed is blocked.
-- name: limit_of_hosts :many limit
select l.severity as "severity!"
from server_limits l
where l.host = any (:hosts)
    and l.severity <> 'none'
union all
select 'block'
where limited_federation()
    and not exists (
        select from allowed_servers a
        where a.domain_id = current_domain()
            and a.host = any (:hosts));

-- Whether complaints from any of these host names are not heard.
-- name: limit_rejects_reports :one limit_reports
select exists (
    select from server_limits
    where reject_reports
        and host = any (:hosts)) as "rejected!";

-- What the present tenant's staff decided about an identity.
-- name: identity_limits :one identity_limits
select l.sensitive is not null as "sensitive!",
    l.disabled is not null as "disabled!",
    l.silenced is not null as "silenced!",
    l.suspended is not null as "suspended!",
    l.pending is not null as "pending!",
    l.held is not null as "held!",
    l.unconfirmed is not null as "unconfirmed!"
from (select :identity_id::bigint as id) o
left join identity_limits l on l.identity_id = o.id and l.domain_id = :domain_id;

-- Tenants that block any of these host names.
-- name: limit_blocking_domains :many domain_number
select d as "domain_id!"
from blocking_domains(:hosts) d;
