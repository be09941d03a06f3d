alter table it add column next text; -- a line that is so long that the generator has to break it: ?? é
