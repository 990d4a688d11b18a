path = 2
