"""The command line: it translates, it does not decide. Heavy imports load inside the commands."""
