# region show
import unittest
from unittest.mock import patch


class Rates:
    def current(self, currency):
        raise RuntimeError(f"the bank was asked for {currency}")


rates = Rates()


def convert(amount, currency):
    return amount * rates.current(currency)


class ConvertTest(unittest.TestCase):
    def test_converts_with_the_current_rate(self):
        with patch.object(rates, "current", return_value=2) as current:
            self.assertEqual(convert(10, "NOK"), 20)
        current.assert_called_once_with("NOK")
# endregion show

    def test_the_original_is_back(self):
        with self.assertRaisesRegex(RuntimeError, "the bank was asked for NOK"):
            convert(10, "NOK")


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    print("all passed" if result.wasSuccessful() else "failed")
