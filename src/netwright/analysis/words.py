"""Numbers, bytes and shapes as text for people."""

from netwright.arithmetic.shape import Shape, show


def shapes(all: tuple[Shape, ...]) -> str:
    """Return the first two shapes, and how many more there are.

    >>> shapes(((3, 32, 32), (10,), ()))
    '3x32x32, 10, …1 more'
    """
    shown = [show(shape) or "scalar" for shape in all[:2]]
    return ", ".join([*shown, *([f"…{len(all) - 2} more"] if len(all) > 2 else [])])


def number(value: int) -> str:
    """Return a count with its thousands separated.

    >>> number(1234567), number(0)
    ('1,234,567', '0')
    """
    return f"{value:,}"


def short(value: int) -> str:
    """Return a count to three digits, for places without room for all of them.

    >>> short(999), short(25_557_032), short(4_089_184_256), short(999_999)
    ('999', '25.6 M', '4.09 G', '1.00 M')
    """
    scaled, unit = float(value), ""
    for larger in ("k", "M", "G", "T", "P"):
        if scaled < 999.5:
            break
        scaled, unit = scaled / 1000, larger
    if not unit:
        return str(value)
    digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
    return f"{scaled:.{digits}f} {unit}"


def size(count: int) -> str:
    """Return bytes in units that are powers of 1024.

    >>> size(512), size(3 * 2**20), size(5 * 2**29)
    ('512 B', '3.0 MiB', '2.5 GiB')
    """
    value, unit = float(count), "B"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 1024:
            break
        value, unit = value / 1024, larger
    return f"{count} B" if unit == "B" else f"{value:.1f} {unit}"
