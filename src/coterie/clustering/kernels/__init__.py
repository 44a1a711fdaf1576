"""Own fast code: arrays in, arrays out. Each kernel has a slow twin in the tests."""
