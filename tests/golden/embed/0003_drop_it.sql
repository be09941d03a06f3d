-- A comment.
-- contract 0001
drop table it;
