-- Never ends.
-- name: open_post :exec
delete from post where content = ';'
