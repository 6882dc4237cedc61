"""What is counted of layers that compiled functions run."""

from __future__ import annotations

import pytest

pytest.importorskip("keras")

from normlens.ticking.keras_calls import Counter, Traced


def traced(*calls: Counter, is_known: bool = True) -> Traced:
    function = Traced()
    for counter in calls:
        function.add("graph", counter, True, is_known)
    return function


def test_a_run_is_one_update_of_each_layer_in_it_and_two_of_one_that_is_called_twice() -> None:
    once, twice = Counter(), Counter()
    function = traced(once, twice, twice)
    for _ in range(5):
        function.ran(1, 1)
    assert (once.updates(), twice.updates()) == (5, 10)


def test_calls_and_several_functions_add_up() -> None:
    counter = Counter()
    counter.called = 3
    first, second = traced(counter), traced(counter, counter)
    first.ran(4, 1)
    second.ran(10, 1)
    assert counter.updates() == 3 + 4 + 20


def test_copies_of_the_model_side_by_side_are_one_update() -> None:
    counter = Counter()
    traced(counter, counter).ran(7, 2)
    assert counter.updates() == 7
    uneven = Counter()
    traced(uneven, uneven, uneven).ran(7, 2)
    assert uneven.updates() == -1


def test_a_function_that_was_traced_anew_keeps_what_it_did() -> None:
    counter, other = Counter(), Counter()
    for runs in range(100):
        function = traced(counter, other)
        function.ran(runs, 1)
        function.end()
    assert counter.updates() == other.updates() == sum(range(100))
    assert counter.compiled == [], "it would take ever longer to add up"


@pytest.mark.parametrize("is_known, runs", [(False, 1), (True, None)])
def test_what_says_nothing_of_how_often_makes_the_count_unknown(is_known: bool, runs: int | None) -> None:
    counter = Counter()
    traced(counter, is_known=is_known).ran(runs, 1)
    assert counter.updates() == -1
