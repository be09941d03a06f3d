-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What pages say of themselves by oEmbed, who wrote them by their own word and by the author's, and fields of
-- profiles elsewhere that were looked at.

alter table cards add column kind text not null default 'link' check (kind in ('link', 'photo', 'video', 'rich'));
alter table cards add column author_url text not null default '' check (length(author_url) <= 2048);
alter table cards add column site_url text not null default '' check (length(site_url) <= 2048);
alter table cards add column embed_url text not null default '' check (length(embed_url) <= 2048);
alter table cards add column creator_id bigint references identities (id) on delete set null;
create index cards_creator on cards (creator_id) where creator_id is not null;
comment on column cards.kind is 'What it shows.';
comment on column cards.author_url is 'Page of who wrote it; empty: not said.';
comment on column cards.site_url is 'Page of the site; empty: not said.';
comment on column cards.embed_url is 'The picture, or the page to be framed; empty: none.';
comment on column cards.creator_id is 'Who wrote it, which both the page and their profile say; null: nobody that is known.';

alter table identities add column fields_checked timestamptz;
comment on column identities.fields_checked is 'When addresses in the fields of a remote one were last looked at; null: never, or they changed since.';

create function fields_kept(p_before jsonb, p_after jsonb) returns jsonb
language sql immutable
as $$
    select coalesce(jsonb_agg(n.field || case when o.verified is null then '{}'::jsonb
        else jsonb_build_object('verified', o.verified) end order by n.place), '[]')
    from jsonb_array_elements(p_after) with ordinality n (field, place)
    left join lateral (
        select b ->> 'verified' as verified
        from jsonb_array_elements(p_before) b
        where b ->> 'value' = n.field ->> 'value'
            and b ->> 'verified' is not null
        limit 1) o on true;
$$;
comment on function fields_kept is 'Fields of a profile as they came; what was verified stays so while its value is the same.';
grant execute on function fields_kept(jsonb, jsonb) to rookery_server, rookery_stator, rookery_host;
