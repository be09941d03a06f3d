-- contract 0004
drop table it;
