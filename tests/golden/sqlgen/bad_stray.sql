-- Without a name.
select id from post;
