"""How many turns fit into the connections of the database."""

import pytest

from deputy.agent.queue import TURNS_AT_ONCE
from deputy.assemble.connections import OTHERS, of_worker, require_room
from deputy.core.errors import InvalidRequestError
from deputy.postgres.server import CONNECTIONS_MAX
from deputy.settings import Settings


def settings(workers: int, turns: int) -> Settings:
    return Settings(workers=workers, turns=turns)


def test_fifty_turns_fit_in_two_ways() -> None:
    require_room(settings(workers=2, turns=25))
    require_room(settings(workers=7, turns=8))


def test_an_ordinary_start_leaves_most_connections_free() -> None:
    assert Settings().turns == TURNS_AT_ONCE
    assert of_worker(TURNS_AT_ONCE) < CONNECTIONS_MAX // 8


@pytest.mark.parametrize(("workers", "turns"), [(64, 8), (9, 8), (2, 100), (64, 1)])
def test_a_start_without_room_is_refused_and_its_cure_has_room(workers: int, turns: int) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        require_room(settings(workers, turns))
    assert f"{workers} workers with {turns} turns" in refused.value.message
    fewer_workers, fewer_turns = (int(w) for w in refused.value.hint.split() if w.isdigit())
    require_room(settings(fewer_workers, fewer_turns))
    assert fewer_workers * of_worker(fewer_turns) <= CONNECTIONS_MAX - OTHERS
