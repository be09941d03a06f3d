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

-- Servers that are known, in the order of their names behind a name: what a tenant has to do with each, which rule of its own
-- and which of the host is nearest. An empty text chooses all; ruled: those with a rule alone.
-- name: server_known :many server_known
select s.id as "id!", s.host as "host!", s.software as "software!", s.version as "version!", s.failures as "failures!",
    s.retry_after, s.last_success, s.last_failure,
    (select count(*) from identities i where i.server_id = s.id and i.deleted is null) as "identities!",
    (select count(*) from identities i join follows f on f.source_id = i.id
        where i.server_id = s.id and f.target_domain_id = :domain_id
            and f.state in ('accepting', 'accepted')) as "followers!",
    (select count(*) from identities i join follows f on f.target_id = i.id
        where i.server_id = s.id and f.domain_id = :domain_id
            and f.state in ('accepting', 'accepted')) as "following!",
    (select count(*) from deliveries v
        where v.server_id = s.id and v.domain_id = :domain_id and v.state = 'waiting') as "waiting!",
    coalesce(own.severity, '') as "severity!", coalesce(own.host, '') as "rule_host!",
    coalesce(floor.severity, '') as "floor!", coalesce(floor.host, '') as "floor_host!"
from servers s
left join lateral (
    select l.severity, l.host from server_limits l
    where l.domain_id = :domain_id and l.host = any (host_chain(s.host))
    order by length(l.host) desc
    limit 1) own on true
left join lateral (
    select l.severity, l.host from server_limits l
    where l.domain_id is null and l.host = any (host_chain(s.host))
    order by array_position('{block,limit,none}', l.severity), length(l.host) desc
    limit 1) floor on true
where s.host > :after
    and s.host like '%' || :part::text || '%'
    and (:exact::text = '' or s.host = :exact)
    and (not :ruled or own.host is not null or floor.host is not null)
order by s.host
limit :limit;

-- Follows that a tenant's people would lose if it blocked these hosts and all below them: whose, with which, how many of each
-- direction, and the first names.
-- name: server_would_sever :many would_sever
select m.id as "identity_id!", m.username as "username!", h.host as "host!",
    count(*) filter (where f.inward) as "followers!", count(*) filter (where not f.inward) as "following!",
    array_to_string((array_agg(distinct '@' || o.username || '@' || coalesce(o.host, s.host)))[1:5], ' ') as "names!"
from unnest(:hosts::text[]) h (host)
join servers s on h.host = any (host_chain(s.host))
join identities o on o.server_id = s.id
cross join lateral (
    select x.source_id as mine_id, false as inward from follows x
    where x.target_id = o.id and x.domain_id = :domain_id
        and x.state in ('unrequested', 'pending_approval', 'accepting', 'accepted')
    union all
    select x.target_id, true from follows x
    where x.source_id = o.id and x.target_domain_id = :domain_id
        and x.state in ('unrequested', 'pending_approval', 'accepting', 'accepted')) f
join identities m on m.id = f.mine_id
group by m.id, m.username, h.host
order by m.username, h.host
limit 2000;

-- Rules of the tenant and of the host for exactly these hosts.
-- name: server_limits_of :many server_limit_of
select l.id, l.domain_id is null as "is_floor!", l.host, l.severity, l.reject_media, l.reject_reports, l.public_comment,
    l.obfuscate
from server_limits l
where l.host = any (:hosts)
    and (l.domain_id = :domain_id or l.domain_id is null)
order by l.host;

-- The host's rules that hold for any of these, the hardest first.
-- name: server_floor_of :many server_floor
select l.host, l.severity
from server_limits l
where l.domain_id is null
    and l.host = any (:hosts)
order by array_position('{block,limit,none}', l.severity), length(l.host) desc;

-- All rules of the tenant in the order of their hosts.
-- name: server_limits_all :many server_limit_of
select l.id, false as "is_floor!", l.host, l.severity, l.reject_media, l.reject_reports, l.public_comment, l.obfuscate
from server_limits l
where l.domain_id = :domain_id
order by l.host
limit 20000;
