-- SPDX-License-Identifier: AGPL-3.0-or-later
-- What a community has in writing stands at the foot of its pages, without a statement for each page.

create function domain_papers(p_domain_id bigint, out has_privacy boolean, out has_imprint boolean,
    out terms_since timestamptz)
language sql security definer set search_path = public stable
as $$
    select
        exists (select from domain_settings s where s.domain_id = p_domain_id
            and s.key = 'privacy_policy' and s.value #>> '{}' <> ''),
        exists (select from domain_settings s where s.domain_id = p_domain_id
            and s.key = 'imprint' and s.value #>> '{}' <> ''),
        coalesce((select min(t.effective)::timestamptz from terms t where t.domain_id = p_domain_id), 'epoch')
$$;
comment on function domain_papers is
    'Which texts a tenant has, for the snapshot of all tenants; since when it has terms: the epoch for never.';
revoke execute on function domain_papers(bigint) from public;
grant execute on function domain_papers(bigint) to rookery_server, rookery_stator, rookery_host;

create trigger terms_changed after insert or update or delete on terms
    for each statement execute function domains_changed();

-- Who was shut out still reads why, and appeals.
create function user_is_shut_out(p_user_id bigint, p_identity_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from identity_users iu
        join identities i on i.id = iu.identity_id
        join identity_limits l on l.identity_id = iu.identity_id and l.domain_id = iu.domain_id
        where iu.user_id = p_user_id and iu.identity_id = p_identity_id and iu.domain_id = current_domain()
            and i.deleted is null and (l.disabled is not null or l.suspended is not null)
            and l.pending is null and l.unconfirmed is null);
end
$$;
comment on function user_is_shut_out is
    'Whether a log-in may only read why staff of the present tenant disabled or suspended an identity of theirs, and appeal.';
revoke execute on function user_is_shut_out from public;
grant execute on function user_is_shut_out to rookery_server;
