"""`python -m coterie` is `coterie`."""

from coterie.cli.main import run

run()
