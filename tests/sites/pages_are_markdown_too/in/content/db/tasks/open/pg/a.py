path = 1
