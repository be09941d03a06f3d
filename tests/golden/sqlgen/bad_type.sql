-- Not supported as a column.
-- name: bad_numeric :one
select a_number from odd;

-- Nor as a parameter.
-- name: bad_ints :exec
delete from odd where some_ints = :some_ints;
