"""Drawn design problems that are small enough to try every network."""

from hypothesis import strategies as st

from netwright.design.problem import Problem


@st.composite
def small(draw, *, rank: int | None = None, deepest: int = 3, largest: int = 7) -> Problem:
    """Up to three layers on axes of at most 7, few kernels, any mix of requirements; it may be infeasible."""
    axes = rank or draw(st.integers(1, 2))
    large = tuple(draw(st.integers(1, largest)) for _ in range(axes))
    less = tuple(draw(st.integers(1, size)) for size in large)
    channels = st.sampled_from([1, 2, 3, 4, 8])
    up = draw(st.booleans())
    most = draw(st.integers(1, deepest if axes == 1 else 2))
    maybe = st.booleans()
    return Problem(
        (draw(channels), *(less if up else large)),
        (draw(channels), *(large if up else less)),
        "up" if up else "down",
        layers=(draw(st.integers(1, most)), most),
        kernels=(1, draw(st.integers(1, 4))),
        strides=(1, draw(st.integers(1, 3))),
        max_params=draw(st.none() | st.integers(10, 1200)),
        max_macs=draw(st.none() | st.integers(10, 6000)),
        min_receptive_field=draw(st.none() | st.integers(1, 9)),
        max_receptive_field=draw(st.none() | st.integers(1, 12)),
        monotone=draw(maybe),
        multiple=draw(st.sampled_from([1, 2, 4])),
        max_step=draw(st.none() | st.sampled_from([2.0, 4.0])),
        residuals=draw(st.integers(0, 1)),
        groups=draw(st.sampled_from([1, 1, 2])),
        bottleneck=draw(st.sampled_from([1, 1, 2])),
        overlap=draw(maybe),
        no_dead_taps=draw(maybe),
        no_skips=draw(maybe),
        kernel_multiple=draw(maybe),
        no_collapse=draw(maybe),
        objective=draw(st.sampled_from(["even", "even", "params", "macs"])),
    )
