-- This comment belongs to the file: a blank line separates it from the query.

-- A comment that ends early */ and goes on,
-- over

-- Indentation, quotes "x", back\slashes and slices.
-- name: wording :many
  select E'tab\there' as "first", $body$ :kept; -- kept $body$ as second,
	(array[1, 2]::int8[])[1 : 2] as "third!", 'a''b;' "fourth?", 'many
	lines' as fifth -- dropped; :dropped
	/* dropped /* :nested */ ; */ , :given::text as given,:given||'' as again

from   post
where  id=:id? or id = :id;
-- Nothing follows.
