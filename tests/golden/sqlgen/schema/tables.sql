-- What the queries of the golden cases are prepared against.
create type mood as enum ('glad', 'sad');
create domain handle as varchar(30) check (value <> '');

create table author (
	id bigint primary key,
	handle handle not null,
	bio text,
	mood mood not null default 'glad',
	born timestamptz
);

create table post (
	id bigint primary key,
	author_id bigint not null references author,
	content text not null,
	data jsonb,
	tags text[] not null default '{}',
	created timestamptz not null default now()
);

create table every (
	a_bool bool not null,
	a_small int2 not null,
	a_int int4 not null,
	a_big int8 not null,
	a_float float8 not null,
	a_text text not null,
	a_varchar varchar(10),
	a_bpchar char(3),
	a_name name,
	a_char "char",
	a_json json,
	a_jsonb jsonb,
	a_bytea bytea,
	a_time timestamptz,
	a_interval interval,
	a_inet inet,
	a_mood mood,
	a_handle handle,
	some_big int8[],
	some_text text[],
	some_bytea bytea[],
	some_times timestamptz[],
	some_bools bool[]
);

create table odd (
	a_number numeric,
	some_ints int4[]
);
