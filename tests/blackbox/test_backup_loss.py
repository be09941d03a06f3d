# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files that a restore could not bring back: nothing names them any more, whatever named them."""

import pytest
from psycopg import sql

# What a row has to have besides: by type, and by name of the column.
FILLING = {"bigint": "1", "text": "'xx'", "boolean": "false", "timestamp with time zone": "now()", "jsonb": "'{}'"}
REAL = {"domain_id": "(select min(id) from domains)",
        **dict.fromkeys(("identity_id", "author_id"), "(select min(id) from identities)"),
        **dict.fromkeys(("file", "file_static"), "''")}


def naming(database):
    """Columns that name files, as (table, column): those of the triggers that count."""
    rows = database.sql("select tgrelid::regclass::text as place, encode(tgargs, 'escape') as words from pg_trigger "
                        "where tgfoid = 'media_refer'::regproc")
    return sorted({(row["place"], column) for row in rows for column in row["words"].split("\\000")[1:-1]})


def name_it(session, table, column, name):
    """A row of the table names the file: one that is there, or one made of no more than it has to have."""
    place = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
    if session.execute(sql.SQL("select from {table}").format(**place)).rowcount:
        session.execute(sql.SQL("update {table} set {column} = %s where id = (select min(id) from {table})").format(
            **place), (name,))
        return
    needed = session.execute(
        "select column_name as name, data_type as type from information_schema.columns where table_name = %s and "
        "is_nullable = 'NO' and column_default is null and is_identity = 'NO' and column_name <> %s",
        (table, column)).fetchall()
    # What refers to other rows does not look for them; what counts files does.
    for row in session.execute("select tgname as name from pg_trigger where tgfoid = 'media_refer'::regproc and "
                               "tgrelid = %s::regclass", (table,)).fetchall():
        session.execute(sql.SQL("alter table {table} enable always trigger {name}").format(
            name=sql.Identifier(row["name"]), **place))
    session.execute("set local session_replication_role = replica")
    session.execute(sql.SQL("insert into {table} ({names}) values ({values})").format(
        names=sql.SQL(", ").join(sql.Identifier(n) for n in [column, *(row["name"] for row in needed)]),
        values=sql.SQL(", ").join([sql.Literal(name), *(sql.SQL(REAL.get(row["name"], FILLING[row["type"]]))
                                                        for row in needed)]), **place))
    session.execute("set local session_replication_role = origin")


def test_nothing_names_what_was_lost(furnished_database):
    columns = naming(furnished_database)
    assert {table for table, _ in columns} >= {"attachments", "archives", "imports", "import_files", "archive_media"}
    with furnished_database.connect() as session:
        for number, (table, column) in enumerate(columns):
            name = f"{number:064x}.png"
            place = {"table": sql.Identifier(table), "column": sql.Identifier(column)}
            with session.transaction(force_rollback=True):
                session.execute("insert into media_files (name, media_type, size) values (%s, 'image/png', 1)", (name,))
                name_it(session, table, column, name)
                file = session.execute("select state, uses from media_files where name = %s", (name,)).fetchone()
                assert file == {"state": "kept", "uses": 1}, (table, column)
                assert session.execute("select media_lose(%s)", ([name],)).fetchone()["media_lose"] == 1
                file = session.execute("select state, uses from media_files where name = %s", (name,)).fetchone()
                assert file == {"state": "gone", "uses": 0}, (table, column)
                assert not session.execute(sql.SQL("select from {table} where {column} = %s").format(**place),
                                           (name,)).fetchall()
                assert not session.execute("select from media_uses where name = %s", (name,)).fetchall()


@pytest.mark.parametrize("table", ["archives", "imports"])
def test_who_asked_for_it_is_told(furnished_database, table):
    """An archive that is not there any more failed, so that its owner sees it and may begin again."""
    name = f"{1:064x}.zip"
    furnished_database.sql("insert into media_files (name, media_type, size) values (%s, 'application/zip', 1)", name)
    with furnished_database.connect() as session, session.transaction():
        name_it(session, table, "file", name)
        session.execute("select media_lose(%s)", ([name],))
    row = furnished_database.sql(f"select state, file, failure <> '' as told from {table}")
    assert row == [{"state": "failed", "file": "", "told": True}]
