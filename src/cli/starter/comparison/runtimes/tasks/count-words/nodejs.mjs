// #region show
const words = "the cat saw the dog".split(" ");

const counts = new Map();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);

for (const [word, count] of [...counts].sort((a, b) => b[1] - a[1])) {
  console.log(word, count);
}
// #endregion show
