-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Who is told by mail of what they missed is found from the unseen notifications of a week, not from all people.

create index notifications_missed on notifications (domain_id, created) where not seen;

create or replace function mails_add_digests(p_old interval, p_pause interval) returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    made bigint;
begin
    with missed as (
        select n.identity_id, iu.user_id, w.last_digest, min(n.created) as first
        from notifications n
        join identity_users iu on iu.identity_id = n.identity_id and iu.domain_id = n.domain_id
        left join mail_wishes w on w.user_id = iu.user_id and w.domain_id = n.domain_id
        where n.domain_id = current_domain() and not n.seen and n.created > now() - interval '7 days'
            and n.kind = any (coalesce(w.kinds, '{mention,follow,follow_request}'))
            and n.created > coalesce(w.last_digest, '-infinity')
            and coalesce(w.last_digest, '-infinity') < now() - p_pause
        group by n.identity_id, iu.user_id, w.last_digest
        having min(n.created) < now() - p_old
    ), one as (
        select distinct on (u.id) u.id as user_id, u.email, m.identity_id
        from missed m
        join users u on u.id = m.user_id
        where u.confirmed is not null and not u.banned and identity_may_act(m.identity_id)
            and not exists (
                select from sessions s
                where s.user_id = u.id and s.domain_id = current_domain() and s.last_seen > m.first)
            and not exists (
                select from tokens t
                where t.user_id = u.id and t.domain_id = current_domain() and t.last_used > m.first)
        order by u.id, m.identity_id
        limit 500
    ), noted as (
        insert into mail_wishes (user_id, domain_id, last_digest)
        select user_id, current_domain(), now() from one
        on conflict (user_id, domain_id) do update
        set last_digest = now()
        where coalesce(mail_wishes.last_digest, '-infinity') < now() - p_pause
        returning user_id
    ), added as (
        insert into mails (domain_id, kind, user_id, identity_id, address, message_key, state_lane)
        select current_domain(), 'notifications', o.user_id, o.identity_id, o.email,
            encode(sha256(convert_to(gen_random_uuid()::text, 'UTF8')), 'hex'), current_domain()
        from one o
        join noted using (user_id)
        returning id
    )
    select count(*) into made from added;
    return made;
end
$$;
