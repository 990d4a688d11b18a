# region show
import re
import unittest


def slug(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


CASES = [
    ("Hello, World!", "hello-world"),
    ("  Ten  blanks ", "ten-blanks"),
    ("already-fine", "already-fine"),
]


class SlugTest(unittest.TestCase):
    def test_slug(self):
        for title, expected in CASES:
            with self.subTest(title=title):
                self.assertEqual(slug(title), expected)
# endregion show


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    print("all passed" if result.wasSuccessful() else "failed")
