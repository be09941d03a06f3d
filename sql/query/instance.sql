-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What a community says of itself, as it differs from what all do; and as "terms" the day since when its terms hold.
-- name: instance_settings :many instance_setting
select key as "key!", value #>> '{}' as "value!", updated as "updated!"
from domain_settings
where domain_id = :domain_id
union all
select 'terms', max(effective)::text, max(created)
from terms
where domain_id = :domain_id
    and effective <= current_date
having count(*) > 0;

-- Sets one of them; the value is JSON.
-- name: instance_set :exec
insert into domain_settings (domain_id, key, value)
values (:domain_id, :key, to_jsonb(:value::text))
on conflict (domain_id, key) do update
set value = excluded.value,
    updated = now();

-- Goes back to what all have.
-- name: instance_unset :exec
delete from domain_settings
where domain_id = :domain_id
    and key = :key;

-- Name, description and colour of a community, and who may join it.
-- name: instance_describe :exec
update domains
set title = :title,
    description = :description,
    accent = :accent,
    sign_up = :sign_up
where id = :id;

-- Rules in their order, with what they are in other languages: {"mi": {"text", "hint"}}.
-- name: rule_list :many rule
select r.id, r.text, r.hint, r.position,
    coalesce((
        select jsonb_object_agg(t.language, jsonb_build_object('text', t.text, 'hint', t.hint))
        from rule_translations t
        where t.rule_id = r.id), '{}')::text as "translations!"
from rules r
where r.domain_id = :domain_id
order by r.position, r.id
limit 200;

-- A new rule, behind all others.
-- name: rule_add :one rule
insert into rules (domain_id, text, hint, position)
select :domain_id, :text, :hint, coalesce(max(r.position), 0) + 1
from rules r
where r.domain_id = :domain_id
returning id, text, hint, position, '{}' as "translations!";

-- Changes a rule, which stands at a place among the others.
-- name: rule_change :exec
update rules
set text = :text,
    hint = :hint
where id = :id
    and domain_id = :domain_id;

-- Brings rules into this order.
-- name: rule_order :exec
update rules r
set position = o.n
from unnest(:ids::bigint[]) with ordinality o (id, n)
where r.id = o.id
    and r.domain_id = :domain_id;

-- Rules in other languages.
-- name: rule_translations :many rule_translation
select rule_id, language, text, hint
from rule_translations
where domain_id = :domain_id
order by rule_id, language
limit 5000;

-- A rule in another language, of a rule of the tenant.
-- name: rule_translate :exec
insert into rule_translations (rule_id, domain_id, language, text, hint)
select r.id, r.domain_id, :language, :text, :hint
from rules r
where r.id = :rule_id
    and r.domain_id = :domain_id
on conflict (rule_id, language) do update
set text = excluded.text,
    hint = excluded.hint;

-- ... and no longer.
-- name: rule_untranslate :exec
delete from rule_translations
where rule_id = :rule_id
    and domain_id = :domain_id
    and language = :language;

-- Takes a rule away.
-- name: rule_remove :exec
delete from rules
where id = :id
    and domain_id = :domain_id;

-- The terms that hold today.
-- name: terms_current :one terms
select t.effective::text as "effective!", t.text, t.effective <= current_date as "is_effective!",
    (select min(n.effective)::text from terms n where n.domain_id = t.domain_id and n.effective > t.effective) as succeeded_by
from terms t
where t.domain_id = :domain_id
    and t.effective <= current_date
order by t.effective desc
limit 1;

-- The terms that were written for exactly a day (YYYY-MM-DD).
-- name: terms_by_date :one terms
select t.effective::text as "effective!", t.text, t.effective <= current_date as "is_effective!",
    (select min(n.effective)::text from terms n where n.domain_id = t.domain_id and n.effective > t.effective) as succeeded_by
from terms t
where t.domain_id = :domain_id
    and t.effective = :day::text::date;

-- All terms, the latest first.
-- name: terms_list :many terms
select t.effective::text as "effective!", t.text, t.effective <= current_date as "is_effective!",
    (select min(n.effective)::text from terms n where n.domain_id = t.domain_id and n.effective > t.effective) as succeeded_by
from terms t
where t.domain_id = :domain_id
order by t.effective desc
limit 200;

-- Writes terms for a day.
-- name: terms_set :exec
insert into terms (domain_id, effective, text)
values (:domain_id, :day::text::date, :text)
on conflict (domain_id, effective) do update
set text = excluded.text;

-- Takes them away.
-- name: terms_remove :exec
delete from terms
where domain_id = :domain_id
    and effective = :day::text::date;

-- What the community counts of itself.
-- name: instance_counts :one instance_counts
select
    (select count(*) from identities i where i.domain_id = :domain_id and i.deleted is null and not i.is_system) as "users!",
    (select coalesce(sum(i.posts_count), 0)::bigint from identities i where i.domain_id = :domain_id and i.deleted is null) as "posts!",
    (select count(*) from (
        select r.server_id
        from identities i
        join follows f on f.target_id = i.id
        join identities r on r.id = f.source_id
        where i.domain_id = :domain_id and r.server_id is not null and f.state in ('accepting', 'accepted')
        union
        select r.server_id
        from identities i
        join follows f on f.source_id = i.id
        join identities r on r.id = f.target_id
        where i.domain_id = :domain_id and r.server_id is not null and f.state in ('accepting', 'accepted')) p) as "peers!",
    (select count(*) from (
        select s.user_id from sessions s where s.domain_id = :domain_id and s.last_seen > now() - interval '30 days'
        union
        select t.user_id from tokens t
        where t.domain_id = :domain_id and t.user_id is not null and t.last_used > now() - interval '30 days') a) as "active!",
    (select count(*) from (
        select s.user_id from sessions s where s.domain_id = :domain_id and s.last_seen > now() - interval '180 days'
        union
        select t.user_id from tokens t
        where t.domain_id = :domain_id and t.user_id is not null and t.last_used > now() - interval '180 days') h) as "active_half_year!";

-- Hosts of the servers that this tenant's people follow somebody on, or are followed from, in their order.
-- name: instance_peers :many instance_peer
select distinct s.host
from identities i
join follows f on f.target_id = i.id or f.source_id = i.id
join identities r on r.id = case when f.target_id = i.id then f.source_id else f.target_id end
join servers s on s.id = r.server_id
where i.domain_id = :domain_id
    and f.state in ('accepting', 'accepted')
order by s.host
limit 10000;

-- Posts, log-ins and new accounts of the last twelve weeks, the present one first. A week begins on Monday, UTC.
-- name: instance_activity :many instance_week
with weeks as (
    select date_trunc('week', now() at time zone 'utc') at time zone 'utc' - n * interval '7 days' as week
    from generate_series(0, 11) n
)
select w.week as "week!",
    (select count(*) from posts p
        where p.domain_id = :domain_id
            and p.id >= snowflake_at(w.week)
            and p.id < snowflake_at(w.week + interval '7 days')
            and p.deleted is null) as "posts!",
    (select count(distinct s.user_id) from sessions s
        where s.domain_id = :domain_id
            and s.created < w.week + interval '7 days'
            and s.last_seen >= w.week) as "logins!",
    (select count(*) from identities i
        where i.domain_id = :domain_id
            and not i.is_system
            and i.created >= w.week
            and i.created < w.week + interval '7 days') as "registrations!"
from weeks w
order by w.week desc;

-- Servers that this tenant or the host blocks or limits.
-- name: instance_limits :many instance_limit
select l.host, bool_or(l.severity = 'block') as "blocked!", max(l.public_comment) as "comment!",
    bool_or(l.obfuscate) as "obfuscate!"
from server_limits l
where l.severity <> 'none'
    and (l.domain_id is null or l.domain_id = :domain_id)
group by l.host
order by l.host
limit 10000;

-- What a tenant's staff had to do, year by year, for those who have to tell: complaints, decisions, blocked servers.
-- name: instance_years :many instance_year
with years as (
    select distinct extract(year from y.at)::integer as year
    from (
        select created as at from reports where domain_id = :domain_id
        union all
        select created from audit_log where domain_id = :domain_id
        union all
        select now()) y
)
select y.year as "year!",
    (select count(*) from reports r
        where r.domain_id = :domain_id and extract(year from r.created) = y.year) as "reports!",
    (select count(*) from reports r
        where r.domain_id = :domain_id and r.category = 'legal' and extract(year from r.created) = y.year) as "legal!",
    (select count(*) from reports r
        where r.domain_id = :domain_id and extract(year from r.resolved) = y.year) as "resolved!",
    (select count(*) from warnings w
        where w.domain_id = :domain_id and extract(year from w.created) = y.year) as "decisions!",
    (select count(*) from server_limits l
        where l.domain_id = :domain_id and extract(year from l.created) = y.year) as "servers!",
    (select count(*) from identities i
        where i.domain_id = :domain_id and not i.is_system and extract(year from i.created) = y.year) as "accounts!"
from years y
order by y.year desc
limit 20;
