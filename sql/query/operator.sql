-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Operators of the installation.
-- name: operator_list :many operator
select distinct on (u.id) u.id, u.email, g.role, g.created,
    exists (select from user_totps t where t.user_id = u.id and t.confirmed is not null)
        or exists (select from operator_passkeys k where k.user_id = u.id) as "second_factor!"
from staff_grants g
join users u on u.id = g.user_id
where g.domain_id is null
    and g.role in ('owner', 'admin')
    and (g.expires is null or g.expires > now())
order by u.id, g.role desc;

-- Who may log in on the console by an address.
-- name: operator_candidates :many operator_candidate
select u.id as user_id, u.password
from users u
where u.email_key = lower(:email)
    and not u.banned
    and exists (
        select from staff_grants g
        where g.user_id = u.id and g.domain_id is null and g.role in ('owner', 'admin')
            and (g.expires is null or g.expires > now()))
order by u.id
limit 5;

-- A new session of the console.
-- name: operator_session_add :exec
insert into operator_sessions (user_id, token_hash, csrf_token, address, user_agent, expires)
values (:user_id, :token_hash, :csrf_token, :address, :user_agent, now() + :lifetime::interval);

-- The live session of a cookie: a ban or a grant that ended ends it at once.
-- name: operator_session_get :one operator_session
select s.id, s.user_id, s.csrf_token, s.strong, u.email,
    exists (select from user_totps t where t.user_id = s.user_id and t.confirmed is not null) as "has_totp!",
    exists (select from operator_passkeys k where k.user_id = s.user_id) as "has_passkey!"
from operator_sessions s
join users u on u.id = s.user_id
where s.token_hash = :token_hash
    and s.expires > now()
    and not u.banned
    and exists (
        select from staff_grants g
        where g.user_id = u.id and g.domain_id is null and g.role in ('owner', 'admin')
            and (g.expires is null or g.expires > now()));

-- A second factor proved it: it goes on under another cookie.
-- name: operator_session_pass :exec
update operator_sessions
set strong = true,
    token_hash = :token_hash,
    csrf_token = :csrf_token,
    expires = now() + :lifetime::interval
where id = :id;

-- Ends a session, and those that ended by themselves.
-- name: operator_session_end :exec
delete from operator_sessions
where id = :id
    or expires <= now();

-- Ends all of a log-in.
-- name: operator_sessions_end :exec
delete from operator_sessions
where user_id = :user_id;

-- What operators did to the installation, newest first.
-- name: operator_acts :many operator_act
select a.id, a.action, a.subject, a.detail::text as "detail!", a.created, coalesce(u.email, '') as "who!",
    coalesce(d.name, '') as "domain!"
from audit_log a
left join users u on u.id = a.user_id
left join domains d on d.id = a.domain_id
where (a.domain_id is null or exists (
        select from staff_grants g where g.user_id = a.user_id and g.domain_id is null))
    and (:max_id::bigint = 0 or a.id < :max_id)
order by a.id desc
limit :limit;

-- All tenants, with how large they are.
-- name: console_tenants :many console_tenant
select d.id, d.name, d.title, d.state, d.sign_up, d.suspended_reason, d.verify_token,
    (select count(*) from identities i where i.domain_id = d.id and not i.is_system and i.deleted is null) as "people!",
    (select count(*) from posts p where p.domain_id = d.id and p.deleted is null) as "posts!",
    coalesce((select u.bytes from media_usage u where u.domain_id = d.id), 0) as "bytes!",
    coalesce(
        (select (s.value #>> '{}')::bigint from domain_settings s where s.domain_id = d.id and s.key = 'media_quota'),
        (select (h.value #>> '{}')::bigint from host_settings h where h.key = 'media_quota'),
        :quota::bigint) as "quota!",
    coalesce((select s.value #>> '{}' from domain_settings s where s.domain_id = d.id and s.key = 'max_users'), '') as "max_users!",
    exists (select from help_consents h where h.domain_id = d.id and h.expires > now()) as "asks_help!"
from domains d
where :name::text = '' or d.name = :name
order by d.name
limit 1000;

-- The host's rules about other servers, which no tenant may loosen.
-- name: floor_list :many floor
select id, host, severity, reason, created
from server_limits
where domain_id is null
order by host
limit 5000;

-- Adds or changes one.
-- name: floor_set :exec
insert into server_limits as l (domain_id, host, severity, reason)
values (null, :host, :severity, :comment)
on conflict (domain_id, host) do update
set severity = excluded.severity,
    reason = excluded.reason;

-- Removes one.
-- name: floor_remove :exec
delete from server_limits
where domain_id is null
    and host = :host;

-- A default of the installation.
-- name: host_default_get :one host_default
select coalesce((select value #>> '{}' from host_settings where key = :key), '') as "value!";

-- Sets it.
-- name: host_default_set :exec
insert into host_settings (key, value)
values (:key, to_jsonb(:value::bigint))
on conflict (key) do update
set value = excluded.value,
    updated = now();

-- A default of new communities, in words.
-- name: host_word_set :exec
insert into host_settings (key, value)
values (:key, to_jsonb(:value::text))
on conflict (key) do update
set value = excluded.value,
    updated = now();

-- ... there is none any more.
-- name: host_word_unset :exec
delete from host_settings
where key = :key;

-- What a new community begins with; who may join it stands in its own record.
-- name: domain_begin :exec
with settings as (
    insert into domain_settings (domain_id, key, value)
    select :domain_id, substr(h.key, 5), h.value
    from host_settings h
    where h.key in ('new.max_users', 'new.sign_ups_a_day')
    on conflict do nothing)
insert into rules (domain_id, text, position)
select :domain_id, r.text, r.place
from host_settings h, unnest(string_to_array(h.value #>> '{}', e'\n')) with ordinality r (text, place)
where h.key = 'new.rules'
order by r.place;

-- One row of a type gives up.
-- name: stator_drop_one :one stator_touched
select stator_drop_one(:type, :id, :state, :to) as "n!";

-- Servers with trouble first.
-- name: peer_list :many peer
select id, host, software, version, failures, retry_after, last_success, last_failure, state,
    (select count(*) from deliveries v where v.server_id = s.id and v.state = 'waiting') as "waiting!"
from servers s
where :part::text = '' or s.host like '%' || :part || '%'
order by s.retry_after desc nulls last, s.failures desc, s.host
limit 200;

-- The breaker of a server closes.
-- name: peer_close :many peer_host
update servers
set failures = 0,
    retry_after = null
where id = :id
returning host;

-- The largest tables.
-- name: house_tables :many house_table
select c.relname as "name!", pg_total_relation_size(c.oid) as "bytes!", c.reltuples::bigint as "rows!"
from pg_class c
where c.relnamespace = 'public'::regnamespace
    and c.relkind = 'r'
order by 2 desc
limit 20;

-- The database as a whole.
-- name: house_size :one house_size
select pg_database_size(current_database()) as "bytes!",
    (select count(*) from pg_stat_activity a where a.datname = current_database()) as "connections!",
    current_setting('max_connections')::bigint as "limit!", current_setting('server_version') as "version!";

-- Work that rests; without a domain, that of all tenants.
-- name: pause_list :many pause
select p.type as "type!", p.state as "state!", p.since as "since!", coalesce(d.name, '') as "domain!"
from stator_pauses p
left join domains d on d.id = p.domain_id
order by p.type, p.state, d.name nulls first;

-- Pauses a type, or one state of it, of all or of one tenant.
-- name: pause_add :exec
insert into stator_pauses (type, state, user_id, domain_id)
values (:type, :state, :user_id?, :domain_id?)
on conflict do nothing;

-- Resumes it.
-- name: pause_remove :exec
delete from stator_pauses
where type = :type
    and state = :state
    and domain_id is not distinct from :domain_id?;

-- Rows that stators work on, of one state or tenant or of all.
-- name: stator_list :many stator_listed
select l.id as "id!", coalesce(d.name, '') as "domain!", l.state as "state!", l.attempts as "attempts!",
    l.next_attempt as "next_attempt!", l.locked_by as "locked_by!", l.error as "error!"
from stator_list(:type, :state, :domain_id?, :failing, :limit) l
left join domains d on d.id = l.domain_id;

-- Why stators leave a row alone: pauses and then, with its state, a tenant that is not served.
-- name: stator_rest :many stator_rest
select r.state as "state!", coalesce(d.name, '') as "domain!", r.since as "since!", coalesce(u.email, '') as "who!",
    r.tenant_state as "tenant_state!"
from stator_rest_of(:type, :id) r
left join domains d on d.id = r.domain_id
left join users u on u.id = r.user_id
order by r.tenant_state, r.since;

-- Makes due at once what was tried before, of one state or tenant or of all.
-- name: stator_retry_part :one stator_touched
select stator_retry_part(:type, :state, :domain_id?) as "n!";

-- Moves rows that nobody works on to where a time-out leads, of one tenant or of all.
-- name: stator_drop_part :one stator_touched
select stator_drop_part(:type, :state, :to, :domain_id?, :limit) as "n!";

-- How much stands where by tenant.
-- name: stator_tenants :many stator_tenant
select coalesce(d.name, '') as "domain!", t.state as "state!", t.n as "n!"
from stator_count_tenants(:type) t
left join domains d on d.id = t.domain_id;
