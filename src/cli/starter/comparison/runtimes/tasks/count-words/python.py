# region show
from collections import Counter

words = "the cat saw the dog".split(" ")

for word, count in Counter(words).most_common():
    print(word, count)
# endregion show
