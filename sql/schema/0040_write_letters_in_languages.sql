-- SPDX-License-Identifier: AGPL-3.0-or-later
-- Letters come in the language that who gets them chose for pages. Whoever sends them does not see log-ins.

create function mail_language(p_mail bigint) returns text
language sql security definer set search_path = public stable
as $$
    select coalesce((select u.language from mails m join users u on u.id = m.user_id
        where m.id = p_mail and m.domain_id = current_domain()), '')
$$;
comment on function mail_language is 'The language that who a letter of the present tenant is for chose for pages; empty: none.';
revoke execute on function mail_language(bigint) from public;
grant execute on function mail_language(bigint) to rookery_server, rookery_stator, rookery_host;
