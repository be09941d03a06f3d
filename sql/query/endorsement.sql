-- SPDX-License-Identifier: AGPL-3.0-or-later

-- An identity shows another that it follows on its page, when it shows fewer than so many. Says how it stands.
-- name: endorsement_add :one endorsement_added
with followed as (
    select f.target_id
    from follows f
    where f.source_id = :identity_id
        and f.target_id = :target_id
        and f.state in ('accepting', 'accepted')
), made as (
    insert into endorsements (domain_id, identity_id, target_id)
    select :domain_id, :identity_id, f.target_id
    from followed f
    where (select count(*) from endorsements e where e.identity_id = :identity_id) < :most
    on conflict do nothing
    returning 1
)
select exists (select from followed) as "followed!",
    exists (select from made)
        or exists (select from endorsements e where e.identity_id = :identity_id and e.target_id = :target_id) as "done!";

-- ... no longer.
-- name: endorsement_remove :exec
delete from endorsements
where identity_id = :identity_id
    and domain_id = :domain_id
    and target_id = :target_id;
