-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What a tenant declares about posts before they come: conditions that all have to hold, and what is done then.

create table policies (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    title text not null,
    note text not null default '',
    state text not null default 'draft' check (state in ('draft', 'on', 'off')),
    action text not null check (action in ('hold', 'cover', 'remove', 'unlist', 'report')),
    words text not null default '',
    incoming boolean not null default true,
    own boolean not null default false,
    private boolean not null default false,
    servers text[] not null default '{}',
    younger_days integer not null default 0,
    unfollowed boolean not null default false,
    phrases text[] not null default '{}',
    whole_words boolean not null default true,
    mentions integer not null default 0,
    links text[] not null default '{}',
    media boolean not null default false,
    hashtags text[] not null default '{}',
    languages text[] not null default '{}',
    stranger boolean not null default false,
    created timestamptz not null default now(),
    updated timestamptz not null default now()
);
comment on table policies is '[tenant] Rules by which a tenant judges posts as they come.';
comment on column policies.id is 'Id.';
comment on column policies.domain_id is 'The tenant.';
comment on column policies.title is 'What staff knows it by.';
comment on column policies.note is 'Why there is such a rule, for staff, plain text.';
comment on column policies.state is 'draft: not in use yet; on; off: not any more.';
comment on column policies.action is 'What is done with a post of which all conditions hold.';
comment on column policies.words is 'What is shown instead of a post that is covered, or told to a member whose post is not taken.';
comment on column policies.incoming is 'Judges posts of others.';
comment on column policies.own is 'Judges posts of the tenant''s own people.';
comment on column policies.private is 'Judges also posts that are not for everybody.';
comment on column policies.servers is 'Condition: its author is on one of these servers, or below one; empty: none. So with all that follow.';
comment on column policies.younger_days is 'Condition: its author is known here for less than so many days; 0: none.';
comment on column policies.unfollowed is 'Condition: nobody of the tenant follows its author.';
comment on column policies.phrases is 'Condition: it says one of these.';
comment on column policies.whole_words is 'Phrases are whole words, as in filters.';
comment on column policies.mentions is 'Condition: it mentions at least so many; 0: none.';
comment on column policies.links is 'Condition: it links to one of these hosts, or below one.';
comment on column policies.media is 'Condition: it has media.';
comment on column policies.hashtags is 'Condition: it has one of these, in small letters without #.';
comment on column policies.languages is 'Condition: it is in one of these, BCP 47.';
comment on column policies.stranger is 'Condition: it answers somebody of the tenant who does not follow its author.';
comment on column policies.created is 'When it was made.';
comment on column policies.updated is 'When it was last changed.';
create index policies_domain on policies (domain_id, id);
select table_protect('policies');
create trigger policies_changed after insert or update or delete on policies
    for each statement execute function domains_changed();

-- Posts come from everywhere, and are judged for every tenant that has something to say about them.
create function policies_in_force() returns setof policies
language plpgsql security definer set search_path = public stable
as $$
begin
    return query select p.* from policies p where p.state = 'on' order by p.domain_id, p.id;
end
$$;
comment on function policies_in_force is 'Policies of all tenants that are in use, for the snapshot of every process.';
revoke all on function policies_in_force() from public;
grant execute on function policies_in_force() to rookery_server, rookery_stator, rookery_host;

alter table held_posts add column policy_id bigint;
comment on column held_posts.policy_id is 'Which policy holds it; null: its author is held. Of one that is gone, its number stays.';

alter table reports add column policy_id bigint;
comment on column reports.policy_id is 'Which policy opened it; null: somebody complained. Of one that is gone, its number stays.';
create index reports_policy on reports (policy_id, subject_id) where policy_id is not null and resolved is null;
