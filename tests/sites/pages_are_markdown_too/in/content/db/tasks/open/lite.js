// all of this is run
// #region show
open(path);
// #endregion show
