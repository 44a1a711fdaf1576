"""Where the work on rows is done: one file per engine, and the primitives in which engines differ."""
