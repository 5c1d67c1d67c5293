"""Options that commands share."""

from cyclopts import App

from netwright.cli.options import Json


def test_json_is_a_flag_without_a_negative():
    app = App()

    @app.default
    def command(*, json: Json = False) -> bool:
        return json

    results = [app(words, result_action="return_value") for words in ([], ["--json"])]
    assert results == [False, True]
