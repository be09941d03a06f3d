-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- The host's own policies: they judge for every tenant before its own, and none takes back what they decided.

alter table policies alter column domain_id drop not null;
comment on table policies is '[tenant] Rules by which a tenant judges posts as they come; rows without a domain are the host''s floor.';
comment on column policies.domain_id is 'The tenant; null: host floor, which judges for all and which no tenant may loosen.';
create index policies_floor on policies (id) where domain_id is null;

-- What is obeyed may be read.
create policy floor on policies for select to rookery_server, rookery_stator
    using (domain_id is null and state = 'on');

create or replace function policies_in_force() returns setof policies
language plpgsql security definer set search_path = public stable
as $$
begin
    return query select p.* from policies p where p.state = 'on' order by p.domain_id nulls first, p.id;
end
$$;
comment on function policies_in_force is 'Policies of the host and of all tenants that are in use, the host''s first, for the snapshot of every process.';
