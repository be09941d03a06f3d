-- Every type as parameter and column.
-- name: every_echo :many every
select a_bool, a_small, a_int, a_big, a_float, a_text, a_varchar, a_bpchar, a_name, a_char, a_json,
	a_jsonb, a_bytea, a_time, a_interval, a_inet, a_mood, a_handle, some_big, some_text,
	some_bytea, some_times, some_bools
from every
where a_bool = :a_bool and a_small = :a_small and a_int = :a_int and a_big = :a_big
	and a_float = :a_float and a_text = :a_text and a_varchar = :a_varchar::varchar
	and a_bpchar = :a_bpchar and a_name = :a_name and a_char = :a_char
	and a_json::jsonb = :a_jsonb and a_bytea = :a_bytea and a_time = :a_time
	and a_interval = :a_interval and a_inet = :a_inet and a_mood = :a_mood
	and a_handle = :a_handle::handle and some_big = :some_big and some_text = :some_text
	and some_bytea = :some_bytea and some_times = :some_times and some_bools = :some_bools;
