-- SPDX-License-Identifier: AGPL-3.0-or-later
-- contract 0073
--
-- stator_expire(), stator_retry_one() and stator_retry_part() do what these did. Nobody looks for the owner of a
-- collection of followers.

drop index public.identities_followers_uri;
drop function public.stator_timeout(text, text, interval, text, bigint), public.stator_retry(text, bigint);

do $$
declare
    t text;
begin
    for t in select name from public.stator_types loop
        execute format('drop function if exists public.%I(text, interval, text, bigint), public.%I(bigint)',
            'stator_timeout_' || t, 'stator_retry_' || t);
    end loop;
end
$$;
