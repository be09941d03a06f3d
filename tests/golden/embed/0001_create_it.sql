-- The first.
create table it (
	name text default 'a"b\c'
);
