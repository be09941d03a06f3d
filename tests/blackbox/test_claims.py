# SPDX-License-Identifier: AGPL-3.0-or-later
"""What becomes of an attempt when others move the row under it: the move is never lost."""

import pytest


@pytest.fixture
def stator(database):
    connection = database.connect("rookery_stator")
    yield connection
    connection.close()


@pytest.fixture
def hashtag(database):
    return database.value("insert into hashtags (name) values ('birds') returning id")


def claim(stator, worker="one:1"):
    return stator.execute("select * from stator_claim('hashtag', %s, -1, '{}', 10, 10, '1 minute')",
                          (worker,)).fetchall()


def finish(stator, claimed, state="updated", worker="one:1"):
    row = stator.execute(
        "select stator_finish('hashtag', %s, %s::bigint[], %s::timestamptz[], %s::text[], array[now()], '{\"\"}') as n",
        (worker, [claimed["id"]], [claimed["state_changed"]], [state])).fetchone()
    return row["n"]


def move(database, hashtag):
    """What a page or a peer does: the row is to be worked on again, whoever works on it now."""
    database.sql("update hashtags set state = 'outdated', state_changed = now(), state_next_attempt = now(), "
                 "state_attempts = 0, state_locked_by = null where id = %s", hashtag)


def standing(database, hashtag):
    row = database.sql("select state, state_locked_by, state_next_attempt <= now() as due from hashtags where id = %s",
                       hashtag)[0]
    return row["state"], row["state_locked_by"], row["due"]


def test_a_result_is_written_once(database, stator, hashtag):
    [claimed] = claim(stator)
    assert finish(stator, claimed) == 1
    assert standing(database, hashtag) == ("updated", None, True)
    assert finish(stator, claimed, "outdated") == 0


@pytest.mark.parametrize("again", (None, "one:1", "two:1"))
def test_a_move_meanwhile_is_kept(database, stator, hashtag, again):
    """Also when the row was claimed once more before the attempt ended, by the same worker or another."""
    [claimed] = claim(stator)
    move(database, hashtag)
    second = claim(stator, again) if again else None
    assert finish(stator, claimed) == 0
    if again == "two:1":
        assert standing(database, hashtag) == ("outdated", "two:1", False)
        assert finish(stator, second[0], worker=again) == 1
    else:
        assert standing(database, hashtag) == ("outdated", None, True)
        assert len(claim(stator)) == 1
