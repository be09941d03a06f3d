-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Letters to people, and what hangs on them: links that prove an address, what somebody wants to be told of by mail,
-- and from where they log in.

create table mails (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    kind text not null,
    user_id bigint references users (id) on delete cascade,
    identity_id bigint references identities (id) on delete cascade,
    address text not null check (length(address) between 3 and 254),
    name text not null default '',
    body text not null default '',
    secret text not null default '',
    message_key text not null,
    created timestamptz not null default now(),
    sent timestamptz,
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'dropped', 'refused', 'failed')),
    like state_row including defaults including comments
);
comment on table mails is '[tenant] Letters on their way to the mail server. Their text is made when they are sent.';
comment on column mails.id is 'Id.';
comment on column mails.domain_id is 'The tenant that writes.';
comment on column mails.kind is 'What it says: a name from the table in lib/model/mail.c.';
comment on column mails.user_id is 'The log-in that it is for; null: somebody without.';
comment on column mails.identity_id is 'The identity that it is about; null: none.';
comment on column mails.address is 'Where to.';
comment on column mails.name is 'What it is about, by its kind; plain text.';
comment on column mails.body is 'What somebody wrote into it, by its kind; plain text. Empty once it was sent.';
comment on column mails.secret is 'What its link carries. Empty once it was sent, and stored elsewhere as a hash only.';
comment on column mails.message_key is 'Left part of its Message-ID, the same at each attempt.';
comment on column mails.created is 'When it was queued.';
comment on column mails.sent is 'When the mail server took it; null: not yet.';
create index mails_user on mails (user_id) where user_id is not null;
create index mails_identity on mails (identity_id) where identity_id is not null;
create index mails_domain on mails (domain_id, id);
select table_protect('mails');
insert into stator_types (name, relation, automatic, domain_expression) values
    ('mail', 'mails', '{waiting}', 'r.domain_id');
select stator_add_type('mail');
select stator_make_doors();

create function mails_forget_secrets() returns trigger
language plpgsql
as $$
begin
    new.secret := '';
    if new.state = 'sent' then
        new.body := '';
        new.sent := now();
    end if;
    return new;
end
$$;
comment on function mails_forget_secrets is 'What a letter carried lies nowhere once nobody is to send it.';
create trigger mails_forget before update of state on mails for each row
    when (new.state <> 'waiting' and old.state = 'waiting') execute function mails_forget_secrets();

create table mail_links (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    user_id bigint not null references users (id) on delete cascade,
    purpose text not null check (purpose in ('confirm', 'reset', 'change')),
    address text not null check (length(address) between 3 and 254),
    token_hash bytea not null unique,
    created timestamptz not null default now(),
    expires timestamptz not null
);
comment on table mail_links is '[tenant] Links in letters, each good for one use.';
comment on column mail_links.id is 'Id.';
comment on column mail_links.domain_id is 'The tenant.';
comment on column mail_links.user_id is 'The log-in.';
comment on column mail_links.purpose is 'confirm the address of a new log-in, reset a password, change to this address.';
comment on column mail_links.address is 'The address that it was sent to.';
comment on column mail_links.token_hash is 'SHA-256 of what it carries.';
comment on column mail_links.created is 'When it was made.';
comment on column mail_links.expires is 'When it ends.';
create index mail_links_user on mail_links (user_id, domain_id);
select table_protect('mail_links');

create table mail_wishes (
    user_id bigint not null references users (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    kinds text[] not null default '{mention,follow,follow_request}',
    log_ins boolean not null default true,
    last_digest timestamptz,
    primary key (user_id, domain_id)
);
comment on table mail_wishes is '[tenant] What a log-in wants to be told of by mail, where it differs from the usual.';
comment on column mail_wishes.user_id is 'The log-in.';
comment on column mail_wishes.domain_id is 'The tenant.';
comment on column mail_wishes.kinds is 'Kinds of notifications.';
comment on column mail_wishes.log_ins is 'Log-ins from places that are new.';
comment on column mail_wishes.last_digest is 'When it was last told of notifications; null: never.';
create index mail_wishes_domain on mail_wishes (domain_id);
select table_protect('mail_wishes');

create table log_in_places (
    user_id bigint not null references users (id) on delete cascade,
    place text not null check (length(place) <= 64),
    domain_id bigint not null references domains (id) on delete cascade,
    seen timestamptz not null default now(),
    primary key (user_id, place, domain_id)
);
comment on table log_in_places is '[tenant] From where people logged in before, so that they hear of a place that is new.';
comment on column log_in_places.user_id is 'The log-in.';
comment on column log_in_places.place is 'Hash of the log-in and the network.';
comment on column log_in_places.domain_id is 'The tenant.';
comment on column log_in_places.seen is 'The last time; it is forgotten after half a year.';
create index log_in_places_domain on log_in_places (domain_id, seen);
select table_protect('log_in_places');

grant select, insert, update, delete on mails, mail_links, mail_wishes, log_in_places
    to rookery_server, rookery_stator, rookery_host;

-- Nobody acts as an identity whose sign-up waits for its address to be confirmed.

alter table identity_limits add column unconfirmed timestamptz;
comment on column identity_limits.unconfirmed is 'Its sign-up waits for the address to be confirmed since, and nobody can act as it; null: no.';

create or replace function identity_may_act(p_identity bigint) returns boolean
language plpgsql stable
as $$
begin
    return not exists (
        select from identity_limits l
        where l.domain_id = current_domain() and l.identity_id = p_identity
            and (l.disabled is not null or l.suspended is not null or l.pending is not null
                or l.unconfirmed is not null));
end
$$;
comment on function identity_may_act is 'Whether sessions and tokens of a local identity work: not when staff disabled, suspended or did not approve it, nor before its address is confirmed.';

create function identity_awaits_confirmation(p_identity bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from identity_limits l
        where l.domain_id = current_domain() and l.identity_id = p_identity and l.unconfirmed is not null
            and l.disabled is null and l.suspended is null);
end
$$;
comment on function identity_awaits_confirmation is 'Whether a local identity waits for nothing but its address, or staff''s approval as well: it may ask for another letter.';
grant execute on function identity_awaits_confirmation(bigint) to rookery_server, rookery_stator, rookery_host;

create function email_is_owned(p_email text) returns boolean
language plpgsql security definer set search_path = public stable
as $$
begin
    return exists (select from users u where u.email_key = lower(p_email) and u.confirmed is not null);
end
$$;
comment on function email_is_owned is 'Whether an address belongs to a log-in anywhere: its owner hears of a sign-up, who signs up does not.';
grant execute on function email_is_owned(text) to rookery_server;

create function user_confirm(p_user bigint, p_email text) returns boolean
language plpgsql security definer set search_path = public
as $$
begin
    if not exists (select from identity_users iu where iu.user_id = p_user and iu.domain_id = current_domain()) then
        return false;
    end if;
    update users set email = p_email, confirmed = now() where id = p_user;
    update identity_limits l set unconfirmed = null
    from identity_users iu
    where iu.user_id = p_user and l.identity_id = iu.identity_id and l.unconfirmed is not null;
    return true;
exception when unique_violation then
    return false;
end
$$;
comment on function user_confirm is 'An address proved to be a log-in''s: its accounts on all tenants may act. False when the address is another''s.';
grant execute on function user_confirm(bigint, text) to rookery_server;

create function user_end_tokens(p_user bigint) returns void
language plpgsql security definer set search_path = public
as $$
begin
    if exists (select from identity_users iu where iu.user_id = p_user and iu.domain_id = current_domain()) then
        delete from tokens where user_id = p_user;
    end if;
end
$$;
comment on function user_end_tokens is 'Ends what programs may do for a log-in of the present tenant, on all tenants: its password was reset.';
grant execute on function user_end_tokens(bigint) to rookery_server;

-- A name of a sign-up that nobody confirmed is free again; such an account never acted, so nothing speaks of it.
create function sign_ups_forget(p_age interval) returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    l record;
    n bigint := 0;
begin
    for l in select x.identity_id from identity_limits x
        where x.domain_id = current_domain() and x.unconfirmed < now() - p_age limit 100
    loop
        begin
            delete from sessions where identity_id = l.identity_id;
            delete from tokens where identity_id = l.identity_id;
            delete from notifications where actor_id = l.identity_id or identity_id = l.identity_id;
            delete from identity_keys where identity_id = l.identity_id;
            delete from identity_users where identity_id = l.identity_id;
            delete from identities where id = l.identity_id;
            n := n + 1;
        exception when foreign_key_violation then
            update identity_limits set unconfirmed = null, disabled = now() where identity_id = l.identity_id;
        end;
    end loop;
    return n;
end
$$;
comment on function sign_ups_forget is 'Removes accounts of the present tenant whose address was not confirmed in time.';
grant execute on function sign_ups_forget(interval) to rookery_stator;

-- Who is told by mail of what they missed: unseen notifications of a wanted kind that are half an hour old, the log-in
-- was not used since the first of them, and no digest was sent within a day.
create function mails_add_digests(p_old interval, p_pause interval) returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    made bigint;
begin
    with due as (
        select u.id as user_id, u.email, iu.identity_id
        from users u
        join identity_users iu on iu.user_id = u.id and iu.domain_id = current_domain()
        left join mail_wishes w on w.user_id = u.id and w.domain_id = iu.domain_id
        cross join lateral (
            select min(n.created) as first
            from notifications n
            where n.identity_id = iu.identity_id and not n.seen
                and n.kind = any (coalesce(w.kinds, '{mention,follow,follow_request}'))
                and n.created > greatest(now() - interval '7 days', coalesce(w.last_digest, '-infinity'))
        ) m
        where u.confirmed is not null and not u.banned and identity_may_act(iu.identity_id)
            and m.first < now() - p_old
            and coalesce(w.last_digest, '-infinity') < now() - p_pause
            and not exists (
                select from sessions s
                where s.user_id = u.id and s.domain_id = iu.domain_id and s.last_seen > m.first)
            and not exists (
                select from tokens t
                where t.user_id = u.id and t.domain_id = iu.domain_id and t.last_used > m.first)
        limit 500
    ), one as (
        select distinct on (user_id) user_id, email, identity_id from due order by user_id, identity_id
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
comment on function mails_add_digests is 'Queues letters about notifications that people of the present tenant missed.';
grant execute on function mails_add_digests(interval, interval) to rookery_stator;
