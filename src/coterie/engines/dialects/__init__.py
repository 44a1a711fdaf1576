"""One file per dialect: how each engine writes the primitives that the steps are made of."""
