"""The bar counts files, moves with tiles, and is silent where standard error is no terminal."""

import io

from rich.console import Console

from netwright.prediction.bar import Bar


def test_it_counts_files_and_shows_a_rate():
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, width=100)
    with Bar(3, console) as bar:
        bar.files(1)
        bar.files(1)
        bar.progress.refresh()
        assert bar.done == 2
    assert "2/3" in stream.getvalue()


def test_tiles_move_it_by_less_than_a_file():
    with Bar(2, Console(file=io.StringIO(), force_terminal=True)) as bar:
        places = []
        for done in range(5):
            bar.tiles(done, 4)
            places.append(bar.progress.tasks[0].completed)
        assert places == sorted(places)
        assert places[0] == 0
        assert places[2] == 0.5
        assert places[-1] < 1
        bar.files(1)
        assert bar.progress.tasks[0].completed == 1


def test_it_is_silent_without_a_terminal():
    stream = io.StringIO()
    with Bar(2, Console(file=stream)) as bar:
        bar.files(2)
    assert stream.getvalue() == ""
