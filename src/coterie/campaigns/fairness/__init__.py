"""Fair by default: what a study is for, whom its segments stand for, and whom its offers reach."""
