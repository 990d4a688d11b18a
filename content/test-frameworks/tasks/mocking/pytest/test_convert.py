# region show
import pytest


class Rates:
    def current(self, currency):
        raise RuntimeError(f"the bank was asked for {currency}")


rates = Rates()


def convert(amount, currency):
    return amount * rates.current(currency)


def test_converts_with_the_current_rate(monkeypatch):
    asked = []
    monkeypatch.setattr(rates, "current", lambda currency: asked.append(currency) or 2)

    assert convert(10, "NOK") == 20
    assert asked == ["NOK"]
# endregion show


def test_the_original_is_back():
    with pytest.raises(RuntimeError, match="the bank was asked for NOK"):
        convert(10, "NOK")


if __name__ == "__main__":
    from contextlib import redirect_stdout
    from sys import stderr

    with redirect_stdout(stderr):  # the report
        code = pytest.main([__file__, "-q", "-p", "no:cacheprovider"])
    print("all passed" if code == 0 else "failed")
