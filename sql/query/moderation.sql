-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What the present tenant's staff sees of these identities beside what everybody does; nothing private of others'.
-- name: admin_account_facts :many admin_account_fact
select i.id,
    i.domain_id is not distinct from :domain_id::bigint as "is_ours!",
    u.id as "user_id?",
    coalesce(u.email, '') as "email!",
    u.confirmed is not null as "confirmed!",
    coalesce(u.banned, false) as "banned!",
    coalesce((
        select g.role
        from staff_grants g
        where g.user_id = u.id
            and g.domain_id = :domain_id
            and (g.expires is null or g.expires > now())
        order by array_position('{owner,admin,moderator}', g.role)
        limit 1), '') as "role!",
    coalesce((
        select s.address from sessions s
        where s.identity_id = i.id and s.domain_id = :domain_id and s.address <> ''
        order by s.last_seen desc limit 1), '') as "address!",
    (select max(s.last_seen) from sessions s where s.identity_id = i.id and s.domain_id = :domain_id) as "address_used?",
    coalesce(s.host, i.host, '') as "host!",
    l.sensitive is not null as "sensitive!",
    l.disabled is not null as "disabled!",
    l.silenced is not null as "silenced!",
    l.suspended is not null as "suspended!",
    l.pending is not null as "pending!",
    l.held is not null as "held!",
    coalesce((select a.address from sign_up_addresses a where a.identity_id = i.id and a.domain_id = :domain_id), '')
        as "joined_from!",
    coalesce(l.reason, '') as "reason!",
    i.created as "created!"
from identities i
left join servers s on s.id = i.server_id
left join lateral (
    select w.id, w.email, w.confirmed, w.banned
    from identity_users iu
    join users w on w.id = iu.user_id
    where iu.identity_id = i.id
        and iu.domain_id = :domain_id
    order by iu.created, w.id
    limit 1) u on i.domain_id = :domain_id
left join identity_limits l on l.identity_id = i.id and l.domain_id = :domain_id
where i.id = any (:ids);

-- Identities as staff looks for them. An empty text and false choose all; ours: of the tenant; status: active, pending,
-- disabled, silenced, suspended, sensitized, held.
-- name: admin_account_list :many identity_id both
select i.id
from identities i
left join servers s on s.id = i.server_id
left join identity_limits l on l.identity_id = i.id and l.domain_id = :domain_id
where i.id < :max_id
    and i.id > :min_id
    and not i.is_system
    and i.deleted is null
    and (not :ours or i.domain_id = :domain_id)
    and (not :others or i.domain_id is distinct from :domain_id)
    and case :status::text
        when '' then true
        when 'active' then l.suspended is null and l.disabled is null and l.pending is null
        when 'pending' then l.pending is not null
        when 'disabled' then l.disabled is not null
        when 'silenced' then l.silenced is not null
        when 'suspended' then l.suspended is not null
        when 'sensitized' then l.sensitive is not null
        when 'held' then l.held is not null
        else false
    end
    and (:username::text = '' or i.username_key like :username || '%')
    and (:name::text = '' or lower(i.name) like :name || '%')
    and (:host::text = '' or coalesce(s.host, i.host) = :host)
    and (:email::text = '' or exists (
        select from identity_users iu
        join users u on u.id = iu.user_id
        where iu.identity_id = i.id and iu.domain_id = :domain_id and u.email_key like :email || '%'))
    and (:address::text = '' or exists (
        select from sessions x
        where x.identity_id = i.id and x.domain_id = :domain_id and x.address = :address))
    and (not :staff or exists (
        select from identity_users iu
        join staff_grants g on g.user_id = iu.user_id and g.domain_id = :domain_id
            and (g.expires is null or g.expires > now())
        where iu.identity_id = i.id and iu.domain_id = :domain_id))
order by i.id desc
limit :limit;

-- Sets or takes back a decision about an identity: sensitive, disabled, silenced, suspended, held or pending.
-- name: identity_limit_set :exec
insert into identity_limits as l (domain_id, identity_id, sensitive, disabled, silenced, suspended, pending, held, reason)
select :domain_id, :identity_id,
    case when :what::text = 'sensitive' and :on then now() end,
    case when :what = 'disabled' and :on then now() end,
    case when :what = 'silenced' and :on then now() end,
    case when :what = 'suspended' and :on then now() end,
    case when :what = 'pending' and :on then now() end,
    case when :what = 'held' and :on then now() end,
    :reason
on conflict (domain_id, identity_id) do update
set sensitive = case when :what = 'sensitive' then excluded.sensitive else l.sensitive end,
    disabled = case when :what = 'disabled' then excluded.disabled else l.disabled end,
    silenced = case when :what = 'silenced' then excluded.silenced else l.silenced end,
    suspended = case when :what = 'suspended' then excluded.suspended else l.suspended end,
    pending = case when :what = 'pending' then excluded.pending else l.pending end,
    held = case when :what = 'held' then excluded.held else l.held end,
    reason = case when :what = 'pending' then excluded.reason else l.reason end;

-- Ends all sessions and tokens that act as an identity of the tenant.
-- name: identity_log_out :exec
with ended as (
    delete from sessions
    where identity_id = :identity_id
        and domain_id = :domain_id
)
delete from tokens
where identity_id = :identity_id
    and domain_id = :domain_id;

-- Takes what somebody wrote and boosted off the tenant's home pages.
-- name: identity_leave_homes :exec
delete from home_timeline h
using posts p
where h.domain_id = :domain_id
    and p.id = h.post_id
    and (p.author_id = :identity_id
        or exists (select from interactions b where b.id = h.entry_id and b.identity_id = :identity_id));

-- Ends the tenant's follows with somebody; how many of its own lost some.
-- name: follows_sever_identity :one severed
select follows_sever(array[:identity_id::bigint], :kind, :target) as "n!";

-- Ends the tenant's follows with everybody of a server and its subdomains; how many of its own lost some.
-- name: follows_sever_host :one severed
select follows_sever(array(
        select i.id
        from identities i
        join servers s on s.id = i.server_id
        where split_part(s.host, ':', 1) = :host
            or right(split_part(s.host, ':', 1), length(:host) + 1) = '.' || :host),
    :kind, :host) as "n!";

-- Servers that the tenant limits.
-- name: server_limit_list :many server_limit both
select id, host, severity, reason, reject_media, reject_reports, public_comment, obfuscate, created
from server_limits
where domain_id = :domain_id
    and id < :max_id
    and id > :min_id
order by id desc
limit :limit;

-- One of the present tenant: a rule for a server.
-- name: server_limit_by_id :one server_limit
select id, host, severity, reason, reject_media, reject_reports, public_comment, obfuscate, created
from server_limits
where domain_id = :domain_id
    and id = :id;

-- The tenant's rule for a server or a domain above it, the nearest first.
-- name: server_limit_of_hosts :many server_limit
select id, host, severity, reason, reject_media, reject_reports, public_comment, obfuscate, created
from server_limits
where domain_id = :domain_id
    and host = any (:hosts)
order by length(host) desc;

-- The present tenant gets a rule for a server.
-- name: server_limit_add :one server_limit
insert into server_limits (domain_id, host, severity, reason, reject_media, reject_reports, public_comment, obfuscate)
values (:domain_id, :host, :severity, :reason, :reject_media, :reject_reports, :public_comment, :obfuscate)
returning id, host, severity, reason, reject_media, reject_reports, public_comment, obfuscate, created;

-- The present tenant changes a rule for a server.
-- name: server_limit_change :exec
update server_limits
set severity = :severity,
    reason = :reason,
    reject_media = :reject_media,
    reject_reports = :reject_reports,
    public_comment = :public_comment,
    obfuscate = :obfuscate
where domain_id = :domain_id
    and id = :id;

-- The present tenant gives up a rule for a server.
-- name: server_limit_remove :exec
delete from server_limits
where domain_id = :domain_id
    and id = :id;

-- Servers that the tenant speaks to with limited federation.
-- name: allowed_server_list :many allowed_server both
select id, host, created
from allowed_servers
where domain_id = :domain_id
    and id < :max_id
    and id > :min_id
order by id desc
limit :limit;

-- One of the present tenant: an allowed server.
-- name: allowed_server_by_id :one allowed_server
select id, host, created
from allowed_servers
where domain_id = :domain_id
    and id = :id;

-- The present tenant's entry for a host among its allowed servers.
-- name: allowed_server_of_host :one allowed_server
select id, host, created
from allowed_servers
where domain_id = :domain_id
    and host = :host;

-- The present tenant gets an allowed server.
-- name: allowed_server_add :one allowed_server
insert into allowed_servers (domain_id, host)
values (:domain_id, :host)
on conflict (domain_id, host) do update
set host = excluded.host
returning id, host, created;

-- The present tenant gives up an allowed server.
-- name: allowed_server_remove :exec
delete from allowed_servers
where domain_id = :domain_id
    and id = :id;

-- Hosts of e-mail addresses that nobody joins with.
-- name: email_domain_block_list :many email_domain_block both
select id, host, created
from email_domain_blocks
where domain_id = :domain_id
    and id < :max_id
    and id > :min_id
order by id desc
limit :limit;

-- One of the present tenant: a blocked host of e-mail addresses.
-- name: email_domain_block_by_id :one email_domain_block
select id, host, created
from email_domain_blocks
where domain_id = :domain_id
    and id = :id;

-- The present tenant gets a blocked host of e-mail addresses.
-- name: email_domain_block_add :one email_domain_block
insert into email_domain_blocks (domain_id, host)
values (:domain_id, :host)
returning id, host, created;

-- The present tenant gives up a blocked host of e-mail addresses.
-- name: email_domain_block_remove :exec
delete from email_domain_blocks
where domain_id = :domain_id
    and id = :id;

-- Tries of the last week against these, day by day, newest first.
-- name: email_domain_block_history :many email_domain_block_day
select b.id as "block_id!", d.day::timestamp at time zone 'UTC' as "day!", coalesce(x.uses, 0) as "uses!",
    coalesce(cardinality(x.addresses), 0)::bigint as "accounts!"
from unnest(:ids::bigint[]) b (id)
cross join generate_series((now() at time zone 'UTC')::date - 6, (now() at time zone 'UTC')::date, interval '1 day') d (day)
left join email_domain_block_days x on x.block_id = b.id and x.day = d.day::date and x.domain_id = :domain_id
order by b.id, d.day desc;

-- Counts a try against the rule that fits; no row: none does.
-- name: email_domain_block_hit :one email_domain_block_id
with hit as (
    select b.id
    from email_domain_blocks b
    where b.domain_id = :domain_id
        and b.host = any (:hosts)
    limit 1
), counted as (
    insert into email_domain_block_days as d (block_id, day, domain_id, uses, addresses)
    select hit.id, (now() at time zone 'UTC')::date, :domain_id, 1, array[:address::text]
    from hit
    on conflict (block_id, day) do update
    set uses = d.uses + 1,
        addresses = case
            when excluded.addresses[1] = any (d.addresses) or cardinality(d.addresses) >= 200 then d.addresses
            else d.addresses || excluded.addresses
        end
)
select hit.id as "id!"
from hit;

-- E-mail addresses that nobody joins with.
-- name: email_block_list :many email_block both
select id, hash, created
from email_blocks
where domain_id = :domain_id
    and id < :max_id
    and id > :min_id
order by id desc
limit :limit;

-- One of the present tenant: a blocked e-mail address.
-- name: email_block_by_id :one email_block
select id, hash, created
from email_blocks
where domain_id = :domain_id
    and id = :id;

-- Those with this hash: a blocked e-mail address.
-- name: email_block_by_hash :many email_block
select id, hash, created
from email_blocks
where domain_id = :domain_id
    and hash = :hash;

-- The present tenant gets a blocked e-mail address.
-- name: email_block_add :one email_block
insert into email_blocks (domain_id, hash)
values (:domain_id, :hash)
returning id, hash, created;

-- The present tenant gives up a blocked e-mail address.
-- name: email_block_remove :exec
delete from email_blocks
where domain_id = :domain_id
    and id = :id;

-- Networks from which nobody joins.
-- name: ip_block_list :many ip_block both
select id, range::text as "range!", severity, comment, expires, created
from ip_blocks
where domain_id = :domain_id
    and id < :max_id
    and id > :min_id
order by id desc
limit :limit;

-- One of the present tenant: a blocked network.
-- name: ip_block_by_id :one ip_block
select id, range::text as "range!", severity, comment, expires, created
from ip_blocks
where domain_id = :domain_id
    and id = :id;

-- The present tenant gets a blocked network.
-- name: ip_block_add :one ip_block
insert into ip_blocks (domain_id, range, severity, comment, expires)
values (:domain_id, network(:range::text::inet), :severity, :comment, :expires?)
returning id, range::text as "range!", severity, comment, expires, created;

-- The present tenant changes a blocked network.
-- name: ip_block_change :exec
update ip_blocks
set range = network(:range::text::inet),
    severity = :severity,
    comment = :comment,
    expires = :expires?
where domain_id = :domain_id
    and id = :id;

-- The present tenant gives up a blocked network.
-- name: ip_block_remove :exec
delete from ip_blocks
where domain_id = :domain_id
    and id = :id;

-- What the networks that an address is in are kept from; none: no row.
-- name: ip_block_of_address :many ip_block
select id, range::text as "range!", severity, comment, expires, created
from ip_blocks
where domain_id = :domain_id
    and range >>= :address::text::inet
    and (expires is null or expires > now());

-- A number of the present tenant for each of some days; an unknown key has no rows.
-- name: admin_measure :many admin_measure_day
select m.day::timestamp at time zone 'UTC' as "day!", m.value as "value!"
from admin_measure(:key, (:from::timestamptz at time zone 'UTC')::date, (:to::timestamptz at time zone 'UTC')::date,
    :tag_id, :host) m;

-- What is most among something of the present tenant's.
-- name: admin_dimension :many admin_dimension_part
select d.key as "key!", d.label as "label!", d.value as "value!", coalesce(d.unit, '') as "unit!"
from admin_dimension(:key, (:from::timestamptz at time zone 'UTC')::date, (:to::timestamptz at time zone 'UTC')::date,
    :limit, :tag_id, :host) d;

-- Of those who joined the present tenant in a period, how many were there later.
-- name: admin_retention :many admin_cohort_part
select r.period::timestamp at time zone 'UTC' as "period!", r.later::timestamp at time zone 'UTC' as "later!",
    r.value as "value!", r.cohort as "cohort!"
from admin_retention((:from::timestamptz at time zone 'UTC')::date, (:to::timestamptz at time zone 'UTC')::date, :step) r;

-- Hashtags with what the tenant's staff decided about them.
-- name: admin_tag_list :many admin_tag both
select h.id, coalesce(nullif(t.display, ''), h.display) as "display!", h.name, h.posts_count,
    coalesce(t.usable, true) as "usable!", coalesce(t.listable, true) as "listable!",
    coalesce(r.allowed, true) as "trendable!", r.reviewed is not null as "reviewed!"
from hashtags h
left join tag_policies t on t.hashtag_id = h.id and t.domain_id = :domain_id
left join trend_reviews r on r.kind = 'tag' and r.target_id = h.id and r.domain_id = :domain_id
where h.id < :max_id
    and h.id > :min_id
order by h.id desc
limit :limit;

-- Those whose name begins with a text, the most used first, as staff sees them.
-- name: admin_tag_search :many admin_tag
select h.id, coalesce(nullif(t.display, ''), h.display) as "display!", h.name, h.posts_count,
    coalesce(t.usable, true) as "usable!", coalesce(t.listable, true) as "listable!",
    coalesce(r.allowed, true) as "trendable!", r.reviewed is not null as "reviewed!"
from hashtags h
left join tag_policies t on t.hashtag_id = h.id and t.domain_id = :domain_id
left join trend_reviews r on r.kind = 'tag' and r.target_id = h.id and r.domain_id = :domain_id
where h.name like :prefix::text || '%'
order by h.name <> :prefix::text, h.posts_count desc, h.name
limit :limit;

-- Links and posts that trend, whether staff wants them to or not, best first: kind is post or link.
-- name: admin_trending :many admin_trend
select n.target_id as "id!", coalesce(l.url, '') as "url!", coalesce(r.allowed, true) as "allowed!",
    r.reviewed is not null as "reviewed!"
from trends n
left join links l on n.kind = 'link' and l.id = n.target_id
left join trend_reviews r on r.kind = n.kind and r.target_id = n.target_id and r.domain_id = :domain_id
where n.domain_id = :domain_id
    and n.kind = :kind
order by n.score desc, n.target_id desc
limit :limit;

-- One hashtag likewise.
-- name: admin_tag_by_id :one admin_tag
select h.id, coalesce(nullif(t.display, ''), h.display) as "display!", h.name, h.posts_count,
    coalesce(t.usable, true) as "usable!", coalesce(t.listable, true) as "listable!",
    coalesce(r.allowed, true) as "trendable!", r.reviewed is not null as "reviewed!"
from hashtags h
left join tag_policies t on t.hashtag_id = h.id and t.domain_id = :domain_id
left join trend_reviews r on r.kind = 'tag' and r.target_id = h.id and r.domain_id = :domain_id
where h.id = :id;

-- Those that trend, whether staff wants them to or not, best first.
-- name: admin_tag_trending :many admin_tag
select h.id, coalesce(nullif(t.display, ''), h.display) as "display!", h.name, h.posts_count,
    coalesce(t.usable, true) as "usable!", coalesce(t.listable, true) as "listable!",
    coalesce(r.allowed, true) as "trendable!", r.reviewed is not null as "reviewed!"
from trends n
join hashtags h on h.id = n.target_id
left join tag_policies t on t.hashtag_id = h.id and t.domain_id = :domain_id
left join trend_reviews r on r.kind = 'tag' and r.target_id = h.id and r.domain_id = :domain_id
where n.domain_id = :domain_id
    and n.kind = 'tag'
order by n.score desc, h.id desc
limit :limit
offset :offset;

-- Staff decides about a hashtag.
-- name: tag_policy_set :exec
insert into tag_policies (domain_id, hashtag_id, usable, listable, display)
values (:domain_id, :hashtag_id, :usable, :listable, :display)
on conflict (domain_id, hashtag_id) do update
set usable = excluded.usable,
    listable = excluded.listable,
    display = excluded.display;

-- Staff decides whether something may trend: tag, post or link.
-- name: trend_review :exec
insert into trend_reviews (domain_id, kind, target_id, allowed)
values (:domain_id, :kind, :target_id, :allowed)
on conflict (domain_id, kind, target_id) do update
set allowed = excluded.allowed,
    reviewed = now();

-- Whether there is such a thing: a public post, or a link that somebody posted.
-- name: trend_target :one trend_target
select case :kind::text
    when 'tag' then exists (select from hashtags h where h.id = :id)
    when 'post' then exists (select from posts p where p.id = :id and p.visibility = 'public' and p.deleted is null)
    when 'link' then exists (select from links l where l.id = :id)
    else false
end as "known!";

-- Whether this is the operator's command line.
-- name: acting_as_host :one acting_as_host
select current_user = 'rookery_host' as "is_host!";
