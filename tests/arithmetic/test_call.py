import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.arithmetic.call import parse
from netwright.errors import CallError


def test_a_name_alone_is_a_call_without_arguments():
    call = parse("resnet20")
    assert (call.target, call.args, call.options) == ("resnet20", (), {})


def test_positional_and_named_arguments_are_read():
    call = parse(" net.py:Net (3, width=2, block='basic') ")
    assert call.target == "net.py:Net"
    assert call.args == (3,)
    assert call.options == {"width": 2, "block": "basic"}


literals = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=5,
)


@given(args=st.lists(literals, max_size=3), value=literals)
def test_every_python_literal_comes_back_as_written(args, value):
    written = ", ".join([*map(repr, args), f"key={value!r}"])
    call = parse(f"name({written})")
    assert list(call.args) == args
    assert call.options == {"key": value}


@pytest.mark.parametrize(
    "text",
    [
        "f(__import__('os').getcwd())",
        "f(a=b)",
        "f(",
        "f(1)(2)",
        "f(1) + g(2)",
        "f(**{'a': 1})",
        "f(*[1])",
        "f(a=1, a=2)",
        "f(" + "(" * 10_000,
        "f(1\x00)",
    ],
)
def test_anything_but_one_call_of_literals_is_refused(text):
    with pytest.raises(CallError, match="must be literals"):
        parse(text)
