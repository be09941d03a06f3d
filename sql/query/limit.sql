-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Rules of the host and of the tenant for any of these host names.
-- name: limit_of_hosts :many limit
select severity
from server_limits
where host = any (:hosts);

-- Tenants that block any of these host names.
-- name: limit_blocking_domains :many domain_number
select d as "domain_id!"
from blocking_domains(:hosts) d;
