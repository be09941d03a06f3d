-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- A tenant's policies move with it, and what they hold and report goes on to say which of them did.

insert into archive_tables (place, name, relation, ids, accepts, judged) values
    (315, 'policies', 'policies', 'new',
        $x$(select count(*) from (select from archive_rows o
            where o.domain_id = a.domain_id and o.name = a.name and o.number < a.number limit 100) before) < 100$x$,
        '{"title": "policy"}');
update archive_tables set refs = refs || '{"policy_id": "policies"}', loose = loose || '{policy_id}'::text[]
where name in ('held_posts', 'reports');

grant select, insert on policies to rookery_mover;
create policy mover on policies to rookery_mover
    using (domain_id = current_domain()) with check (domain_id = current_domain());

-- As 0054 does it with what a tenant says that is on its way.
create policy moving on policies as restrictive for insert to rookery_server, rookery_stator
    with check ((select domain_may_write()));
create policy moving_on on policies as restrictive for update to rookery_server, rookery_stator
    using ((select domain_may_write()));
create policy moving_off on policies as restrictive for delete to rookery_server, rookery_stator
    using ((select domain_may_write()));
