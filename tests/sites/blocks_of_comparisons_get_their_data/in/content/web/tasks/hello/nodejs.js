hello()
