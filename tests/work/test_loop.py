"""The loop that serves rows on threads."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from timbre.work.loop import Loop


@contextmanager
def running(loop: Loop[int]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=loop.run, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)
    assert not thread.is_alive()


def taking(rows: "queue.Queue[int]", sizes: list[int] | None = None) -> Callable[[int], list[int]]:
    """Hands out what is in the queue, and notes how many were asked for when there was something."""

    def take(limit: int) -> list[int]:
        taken: list[int] = []
        while len(taken) < limit and not rows.empty():
            taken.append(rows.get())
        if taken and sizes is not None:
            sizes.append(len(taken))
        return taken

    return take


def filled(count: int) -> "queue.Queue[int]":
    rows: queue.Queue[int] = queue.Queue()
    for row in range(count):
        rows.put(row)
    return rows


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 5
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_every_row_is_served_once_and_new_ones_are_found() -> None:
    served: list[int] = []
    rows = filled(50)
    with running(Loop("test", take=taking(rows), serve=served.append, threads=4, idle=0.01)):
        eventually(lambda: len(served) == 50)
        rows.put(50)
        eventually(lambda: len(served) == 51)
    assert sorted(served) == list(range(51))


def test_no_more_rows_are_claimed_than_threads_are_free() -> None:
    go_on = threading.Event()
    rows = filled(10)
    with running(
        Loop("test", take=taking(rows), serve=lambda _: go_on.wait(5) and None, threads=3, idle=0.01)
    ):
        eventually(lambda: rows.qsize() == 7)
        time.sleep(0.1)
        assert rows.qsize() == 7
        go_on.set()
        eventually(rows.empty)


def test_claiming_ahead_is_done_in_batches() -> None:
    sizes: list[int] = []
    served: list[int] = []
    rows = filled(100)

    def serve(row: int) -> None:
        time.sleep(0.002)
        served.append(row)

    with running(Loop("test", take=taking(rows, sizes), serve=serve, threads=4, ahead=4, idle=0.01)):
        eventually(lambda: len(served) == 100)
    assert sizes[0] == 8
    assert min(sizes[:-1]) >= 4


def test_a_row_that_fails_does_not_stop_the_others() -> None:
    served: list[int] = []

    def serve(row: int) -> None:
        if row == 1:
            raise ZeroDivisionError
        served.append(row)

    with running(Loop("test", take=taking(filled(4)), serve=serve, threads=1, idle=0.01)):
        eventually(lambda: len(served) == 3)
    assert served == [0, 2, 3]


def test_a_claim_that_fails_is_tried_again() -> None:
    tries: list[int] = []
    served: list[int] = []

    def take(limit: int) -> list[int]:
        tries.append(limit)
        if len(tries) == 1:
            raise ConnectionError
        return [7] if len(tries) == 2 else []

    with running(Loop("test", take=take, serve=served.append, threads=2, idle=0.01)):
        eventually(lambda: served == [7])
        eventually(lambda: len(tries) > 4)
    assert set(tries) <= {1, 2}


def test_stopping_waits_for_what_is_under_way() -> None:
    began, done = threading.Event(), threading.Event()

    def serve(_: int) -> None:
        began.set()
        time.sleep(0.2)
        done.set()

    with running(Loop("test", take=taking(filled(1)), serve=serve, threads=1, idle=0.01)):
        began.wait(5)
    assert done.is_set()
