-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Queues a letter to an address.
-- name: mail_add :exec
insert into mails (domain_id, kind, user_id, identity_id, address, name, body, secret, message_key, state_lane)
values (:domain_id, :kind, :user_id?, :identity_id?, :address, :name, :body, :secret, :message_key, :domain_id);

-- Queues one to a log-in, or to all that hold an identity; not to addresses that nobody confirmed.
-- name: mail_add_to :exec
insert into mails (domain_id, kind, user_id, identity_id, address, name, body, secret, message_key, state_lane)
select :domain_id, :kind, u.id, :identity_id?, u.email, :name, :body, :secret,
    :message_key::text || row_number() over (order by u.id), :domain_id
from users u
where u.confirmed is not null
    and not u.banned
    and (u.id = :user_id
        or (:user_id = 0
            and exists (
                select from identity_users iu
                where iu.user_id = u.id
                    and iu.identity_id = :identity_id?
                    and iu.domain_id = :domain_id)));

-- Letters to those operators who had none of this name within a day. A stator leaves them for a few minutes to who queues
-- them, and sends at once what is then still there.
-- name: mail_add_trouble :many mail
insert into mails as l (domain_id, kind, user_id, address, name, body, message_key, state_lane, state_next_attempt)
select :domain_id, 'trouble', u.id, u.email, :name, :body,
    :message_key::text || row_number() over (order by u.id), :domain_id, now() + interval '5 minutes'
from users u
where u.confirmed is not null
    and not u.banned
    and exists (
        select from staff_grants g
        where g.user_id = u.id and g.domain_id is null and g.role in ('owner', 'admin')
            and (g.expires is null or g.expires > now()))
    and not exists (
        select from mails m
        where m.kind = 'trouble' and m.user_id = u.id and m.name = :name and m.created > now() - interval '1 day')
returning l.id, l.domain_id, l.kind, l.user_id, l.identity_id, l.address, l.name, l.body, l.secret, l.message_key,
    l.created, l.sent, l.state, l.state_attempts, l.state_error;

-- One that was sent by who queued it.
-- name: mail_sent :exec
update mails
set state = 'sent',
    state_changed = now(),
    state_next_attempt = now()
where id = :id
    and state = 'waiting'
    and state_locked_by is null;

-- One on its way.
-- name: mail_by_id :one mail
select id, domain_id, kind, user_id, identity_id, address, name, body, secret, message_key, created, sent, state,
    state_attempts, state_error
from mails
where id = :id;

-- The language that who it is for chose; empty: none.
-- name: mail_language :one mail_language
select mail_language(:id) as "language!";

-- Those that are there, newest first: of one state, or all.
-- name: mail_list :many mail
select id, domain_id, kind, user_id, identity_id, address, name, body, secret, message_key, created, sent, state,
    state_attempts, state_error
from mails
where (:state::text = '' or state = :state)
order by id desc
limit :limit;

-- One that was given up is tried again. What carried a secret has it no more.
-- name: mail_retry :exec
update mails
set state = 'waiting',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null,
    state_error = '',
    created = now()
where id = :id
    and state in ('refused', 'failed')
    and kind not in ('confirm', 'reset', 'change');

-- A link in a letter.
-- name: mail_link_add :exec
insert into mail_links (domain_id, user_id, purpose, address, token_hash, expires)
values (:domain_id, :user_id, :purpose, :address, :token_hash, now() + :lifetime::interval);

-- A link that can still be used.
-- name: mail_link_find :one mail_link
select id, user_id, purpose, address
from mail_links
where domain_id = :domain_id
    and token_hash = :token_hash
    and purpose = :purpose
    and expires > now();

-- Takes it: it works once.
-- name: mail_link_take :one mail_link
delete from mail_links
where domain_id = :domain_id
    and token_hash = :token_hash
    and purpose = :purpose
    and expires > now()
returning id, user_id, purpose, address;

-- Ends all of a purpose.
-- name: mail_links_end :exec
delete from mail_links
where domain_id = :domain_id
    and user_id = :user_id
    and purpose = :purpose;

-- What ended by itself on a tenant.
-- name: mail_forget :exec
with links as (
    delete from mail_links
    where domain_id = :domain_id
        and expires <= now()
)
delete from log_in_places
where domain_id = :domain_id
    and seen < now() - interval '180 days';

-- Accounts whose address was not confirmed in time.
-- name: sign_ups_forget :one mail_count
select sign_ups_forget(:age::interval) as "n!";

-- Letters about what people missed.
-- name: mail_digests_add :one mail_count
select mails_add_digests(:old::interval, :pause::interval) as "n!";

-- What a log-in wants to be told of by mail.
-- name: mail_wish :one mail_wish
select coalesce(w.kinds, '{mention,follow,follow_request}') as "kinds!", coalesce(w.log_ins, true) as "log_ins!"
from users u
left join mail_wishes w on w.user_id = u.id and w.domain_id = :domain_id
where u.id = :user_id;

-- Another wish.
-- name: mail_wish_set :exec
insert into mail_wishes (user_id, domain_id, kinds, log_ins)
select u.id, :domain_id, :kinds, :log_ins
from users u
where u.id = :user_id
on conflict (user_id, domain_id) do update
set kinds = excluded.kinds,
    log_ins = excluded.log_ins;

-- No letters about notifications any more.
-- name: mail_wish_end :exec
insert into mail_wishes (user_id, domain_id, kinds)
select u.id, :domain_id, '{}'
from users u
where u.id = :user_id
on conflict (user_id, domain_id) do update
set kinds = '{}';

-- What a digest tells: who did what, newest first.
-- name: mail_digest :many mail_news
select n.id, n.kind, i.username, coalesce(i.host, '') as "host!", i.name, n.post_id, coalesce(p.object_uri, '') as "uri!"
from notifications n
join identities i on i.id = n.actor_id
left join posts p on p.id = n.post_id and p.deleted is null
left join mail_wishes w on w.user_id = :user_id and w.domain_id = :domain_id
where n.identity_id = :identity_id
    and n.domain_id = :domain_id
    and not n.seen
    and n.created > now() - interval '7 days'
    and n.kind = any (coalesce(w.kinds, '{mention,follow,follow_request}'))
order by n.id desc
limit :limit;

-- Notes from where somebody logs in: whether the place is new, and whether there was one before.
-- name: log_in_place :one log_in_place
with before as (
    select count(*) as n, count(*) filter (where place = :place::text) as same
    from log_in_places
    where user_id = :user_id
        and domain_id = :domain_id
), noted as (
    insert into log_in_places (user_id, place, domain_id)
    values (:user_id, :place, :domain_id)
    on conflict (user_id, place, domain_id) do update
    set seen = now()
)
select n > 0 and same = 0 as "new!"
from before;

-- Whether an address belongs to a log-in anywhere.
-- name: email_is_owned :one email_owned
select email_is_owned(:email) as "owned!";

-- A sign-up waits for its address to be confirmed.
-- name: identity_unconfirm :exec
insert into identity_limits (domain_id, identity_id, unconfirmed)
values (:domain_id, :identity_id, now())
on conflict (domain_id, identity_id) do update
set unconfirmed = now();

-- An address proved to be a log-in's.
-- name: user_confirm :one user_confirmed
select user_confirm(:user_id, :email) as "done!";

-- The newest sign-up of an address that waits for it to be confirmed.
-- name: sign_up_waiting :many sign_up_waiting
select u.id as user_id, u.email
from users u
join identity_users iu on iu.user_id = u.id
    and iu.domain_id = :domain_id
join identity_limits l on l.identity_id = iu.identity_id
    and l.domain_id = iu.domain_id
where u.email_key = lower(:email)
    and u.confirmed is null
    and not u.banned
    and l.unconfirmed is not null
order by u.id desc
limit 1;

-- Another address for a sign-up that waits for its own to be confirmed.
-- name: sign_up_readdress :exec
update users
set email = :email
where id = :user_id
    and confirmed is null;

-- Identities of a log-in on a tenant, with whether they wait for staff.
-- name: sign_up_identities :many sign_up_identity
select iu.identity_id, l.pending is not null as "pending!"
from identity_users iu
left join identity_limits l on l.identity_id = iu.identity_id
    and l.domain_id = iu.domain_id
where iu.user_id = :user_id
    and iu.domain_id = :domain_id;

-- How many a tenant has, and how many came within a day.
-- name: sign_up_counts :one sign_up_count
select count(*) as "users!", count(*) filter (where created > now() - interval '1 day') as "today!"
from identities
where domain_id = :domain_id
    and not is_system
    and deleted is null;

-- Who would get a new password by an address: the one to whom it belongs first.
-- name: recovery_user :many recovery_user
select u.id as user_id, u.email
from users u
where u.email_key = lower(:email)
    and not u.banned
    and exists (
        select from identity_users iu
        join identities i on i.id = iu.identity_id
        where iu.user_id = u.id
            and iu.domain_id = :domain_id
            and i.deleted is null)
order by u.confirmed is null, u.id
limit 1;

-- The stored password of a log-in.
-- name: recovery_password :one recovery_password
select password, email, confirmed
from users
where id = :user_id;

-- Ends what programs may do for a log-in, on all tenants.
-- name: user_end_tokens :exec
select user_end_tokens(:user_id);

-- The mail server that an operator stored, without its password.
-- name: mail_relay_get :many mail_relay_stored
select url, username, sender
from mail_relay;

-- Its password, for who sends letters.
-- name: mail_relay_password :many mail_relay_password
select password
from mail_relay;

-- Stores one; may keep the password that there is.
-- name: mail_relay_set :exec
insert into mail_relay as m (url, username, password, sender)
values (:url, :username, :password, :sender)
on conflict (one) do update
set url = excluded.url,
    username = excluded.username,
    password = case when :keeps::boolean then m.password else excluded.password end,
    sender = excluded.sender,
    updated = now();

-- There is none any more.
-- name: mail_relay_unset :exec
delete from mail_relay;
