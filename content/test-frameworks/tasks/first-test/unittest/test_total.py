# region show
import unittest


def total(prices):
    if not prices:
        raise ValueError("no prices")
    return sum(prices)


class TotalTest(unittest.TestCase):
    def test_adds_prices(self):
        self.assertEqual(total([2, 3]), 5)

    def test_refuses_an_empty_list(self):
        with self.assertRaisesRegex(ValueError, "no prices"):
            total([])
# endregion show


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    print("all passed" if result.wasSuccessful() else "failed")
