"""Areas, for the page on code."""

import math


# region circle
def circle(radius: float) -> float:
    return math.pi * radius**2  # [!code highlight]
# endregion


class Square:
    def __init__(self, side: float) -> None:
        self.side = side

    def area(self) -> float:
        return self.side**2
