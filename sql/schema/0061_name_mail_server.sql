-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- The server that letters go to, where the configuration names none: an operator stores it on the console. Only who sends
-- letters reads the password; the server of pages knows whether there are letters, and no more.

create table mail_relay (
    one boolean primary key default true check (one),
    url text not null,
    username text not null default '',
    password text not null default '',
    sender text not null,
    updated timestamptz not null default now()
);
comment on table mail_relay is '[host] The server that letters go to, if the configuration names none.';
comment on column mail_relay.one is 'There is one at most.';
comment on column mail_relay.url is 'smtps://host:port, smtp://host:port (STARTTLS) or smtp+plain://host:port.';
comment on column mail_relay.username is 'Log-in there; empty: without.';
comment on column mail_relay.password is 'Its password.';
comment on column mail_relay.sender is 'Address that letters come from, for communities that have not set their own.';
comment on column mail_relay.updated is 'When it was last written.';
revoke all on mail_relay from rookery_server, rookery_stator;
grant select (one, url, username, sender, updated) on mail_relay to rookery_server;
grant select on mail_relay to rookery_stator;
create trigger mail_relay_changed after insert or delete or update on mail_relay
    for each statement execute function domains_changed();
