# region show
import pytest


def total(prices):
    if not prices:
        raise ValueError("no prices")
    return sum(prices)


def test_adds_prices():
    assert total([2, 3]) == 5


def test_refuses_an_empty_list():
    with pytest.raises(ValueError, match="no prices"):
        total([])
# endregion show


if __name__ == "__main__":
    from contextlib import redirect_stdout
    from sys import stderr

    with redirect_stdout(stderr):  # the report
        code = pytest.main([__file__, "-q", "-p", "no:cacheprovider"])
    print("all passed" if code == 0 else "failed")
