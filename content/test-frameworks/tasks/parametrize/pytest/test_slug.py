# region show
import re

import pytest


def slug(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


CASES = [
    ("Hello, World!", "hello-world"),
    ("  Ten  blanks ", "ten-blanks"),
    ("already-fine", "already-fine"),
]


@pytest.mark.parametrize("title, expected", CASES)
def test_slug(title, expected):
    assert slug(title) == expected
# endregion show


if __name__ == "__main__":
    from contextlib import redirect_stdout
    from sys import stderr

    with redirect_stdout(stderr):  # the report
        code = pytest.main([__file__, "-q", "-p", "no:cacheprovider"])
    print("all passed" if code == 0 else "failed")
